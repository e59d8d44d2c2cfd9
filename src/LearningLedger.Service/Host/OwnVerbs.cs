using System.CommandLine;
using LearningLedger.Service.Frameworks;
using LearningLedger.Service.Host.Demo;
using LearningLedger.Service.Intake.Import;
using LearningLedger.Service.Log;
using LearningLedger.Service.Xapi.Mappings;
using Spectre.Console;

namespace LearningLedger.Service.Host;

/// <summary>The verbs of the service itself.</summary>
public static class OwnVerbs
{
    /// <summary>All of them.</summary>
    /// <param name="settings">Gives the host's command line settings of a parsed line.</param>
    public static IEnumerable<Command> All(Func<ParseResult, string[]> settings)
    {
        yield return Demo(settings);
        yield return Import(settings);
        yield return Publish(settings);
        yield return Mapping(settings);
        yield return Migrate();
        yield return HealthOf();
        yield return Reconcile(settings);
        yield return Epoch();
    }

    private static Command Demo(Func<ParseResult, string[]> settings)
    {
        var learners = new Option<int>("--learners") { Description = $"How many learners to simulate, 1 to {DemoOptions.MostLearners}.", DefaultValueFactory = _ => 200 };
        var seed = new Option<int>("--seed") { Description = "The same seed and number of learners give the same lives.", DefaultValueFactory = _ => 1 };
        var exit = new Option<bool>("--exit") { Description = "Stop afterwards: 0 when the ledger agrees with the simulation, 1 when not." };
        var command = new Command("demo", "Shows the main job: simulated learners climb nine levels through the API, and the ledger is held against their lives.")
        {
            learners, seed, exit,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var options = new DemoOptions(parsed.GetValue(learners), parsed.GetValue(seed), parsed.GetValue(exit));
            return ClientVerb.RunAsync(
                url: null, settings(parsed), (client, key, stop) => DemoCommand.RunAsync(options, client, key, AnsiConsole.Console, stop), cancellation, stayUp: !options.Exit);
        });
        return command;
    }

    private static Command Import(Func<ParseResult, string[]> settings)
    {
        var file = new Argument<string>("FILE") { Description = "CloudEvents, one a line; compressed if its name ends in .gz; '-' is standard input." };
        var url = UrlOption();
        var command = new Command(
            "import",
            "Records the events of a file in the tenant of the key (LEDGER_KEY, else the bootstrap key). What is recorded already is recognised, so it may be run again. "
            + "Exit code 0: all are recorded; 1: a line is refused, those before it are recorded; 2: the file cannot be read, or no service takes it.")
        {
            file, url,
        };
        command.SetAction((parsed, cancellation) => ClientVerb.RunAsync(
            parsed.GetValue(url), settings(parsed),
            (client, _, stop) => ImportCommand.RunAsync(parsed.GetRequiredValue(file), client, AnsiConsole.Console, Console.Error, ImportCommand.Patience, stop), cancellation,
            unavailable: ImportCommand.NotDone));
        return command;
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

    private static Command Mapping(Func<ParseResult, string[]> settings)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A mapping file; the format is described in deploy/frameworks/README.md." };
        var framework = new Argument<string>("FRAMEWORK") { Description = "Code of the framework." };
        var url = UrlOption();
        var publish = new Command("publish", "Publishes a mapping file, as its next version.") { file, url };
        publish.SetAction((parsed, cancellation) => ClientVerb.RunAsync(
            parsed.GetValue(url), settings(parsed), (client, _, stop) => MappingCommand.PublishAsync(parsed.GetRequiredValue(file).FullName, client, stop), cancellation));
        var show = new Command("show", "Prints the latest version.") { framework, url };
        show.SetAction((parsed, cancellation) => ClientVerb.RunAsync(
            parsed.GetValue(url), settings(parsed), (client, _, stop) => MappingCommand.ShowAsync(parsed.GetRequiredValue(framework), client, stop), cancellation));
        return new Command("mapping", "What xAPI statements mean in a framework, in the tenant of the key (LEDGER_KEY, else the bootstrap key).") { publish, show };
    }

    private static Command Migrate()
    {
        var grantTo = new Option<string?>("--grant-to") { Description = "Also grants this role what it needs to run the service, and no more." };
        var command = new Command("migrate", "Brings the schema of the database in ConnectionStrings__ledger up to date, as the role that owns it, and ends.") { grantTo };
        command.SetAction((parsed, cancellation) => MigrateCommand.RunAsync(parsed.GetValue(grantTo), cancellation));
        return command;
    }

    private static Command HealthOf()
    {
        var url = new Option<string>("--url") { Description = "Address of the service.", DefaultValueFactory = _ => RunningLedger.DefaultUrl };
        var command = new Command("health", "Asks a running service whether it is ready: exit code 0, else 1.") { url };
        command.SetAction((parsed, cancellation) => HealthCommand.RunAsync(parsed.GetRequiredValue(url), cancellation));
        return command;
    }

    private static Command Reconcile(Func<ParseResult, string[]> settings)
    {
        var url = UrlOption();
        var command = new Command("reconcile", "Holds events and log of the key's tenant (LEDGER_KEY, else the bootstrap key) against each other: exit code 0 when they agree.") { url };
        command.SetAction((parsed, cancellation) => ClientVerb.RunAsync(
            parsed.GetValue(url), settings(parsed), (client, _, stop) => ReconcileCommand.RunAsync(client, stop), cancellation));
        return command;
    }

    private static Command Epoch()
    {
        var tenant = new Argument<string>("TENANT") { Description = "The tenant whose log has ended." };
        var last = new Option<FileInfo?>("--last")
        {
            Description = "A file with the last checkpoint of the former log that anyone has seen, such as one an auditor or a witness kept. "
                + "Unset: the one this service remembers in its data directory, which after the loss of that may hide what others saw.",
        };
        var command = new Command("epoch", "After a restore from a backup: opens a tenant's next log, whose first leaf is the last signed checkpoint of the former. Stop the service first.")
        {
            tenant, last,
        };
        command.SetAction((parsed, cancellation) => EpochCommand.RunAsync(parsed.GetRequiredValue(tenant), parsed.GetValue(last), cancellation));
        return command;
    }

    private static Option<string?> UrlOption() => new("--url") { Description = "Address of the service; unset: the one of --urls. If nothing answers there, the service is started for the duration." };
}
