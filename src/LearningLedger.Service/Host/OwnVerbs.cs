using System.CommandLine;

namespace LearningLedger.Service.Host;

/// <summary>The verbs of the service itself.</summary>
public static class OwnVerbs
{
    /// <summary>All of them.</summary>
    /// <param name="settings">Gives the host's command line settings of a parsed line.</param>
    public static IEnumerable<Command> All(Func<ParseResult, string[]> settings)
    {
        _ = settings;
        yield break;
    }
}
