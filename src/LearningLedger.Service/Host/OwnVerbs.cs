using System.CommandLine;
using LearningLedger.Service.Frameworks;

namespace LearningLedger.Service.Host;

/// <summary>The verbs of the service itself.</summary>
public static class OwnVerbs
{
    /// <summary>All of them.</summary>
    /// <param name="settings">Gives the host's command line settings of a parsed line.</param>
    public static IEnumerable<Command> All(Func<ParseResult, string[]> settings)
    {
        yield return Publish(settings);
    }

    private static Command Publish(Func<ParseResult, string[]> settings)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A framework file; the format is described in deploy/frameworks/README.md." };
        var url = UrlOption();
        var command = new Command("publish", "Publishes a framework file, as its next version, in the tenant of the key (LEDGER_KEY, else the bootstrap key).") { file, url };
        command.SetAction((parsed, cancellation) => ClientVerb.RunAsync(
            parsed.GetValue(url), settings(parsed), (client, _, stop) => PublishCommand.RunAsync(parsed.GetRequiredValue(file).FullName, client, stop), cancellation));
        return command;
    }

    private static Option<string?> UrlOption() => new("--url") { Description = "Address of the service; unset: the one of --urls. If nothing answers there, the service is started for the duration." };
}
