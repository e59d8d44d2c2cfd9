using System.Collections.Frozen;
using LearningLedger.Events;

namespace LearningLedger.Service.Store;

/// <summary>What Marten writes beside an event's stored name.</summary>
public static class StoredNames
{
    private static readonly FrozenDictionary<string, string> DotNetNames =
        EventCatalog.All.ToFrozenDictionary(e => e.Name, e => $"{e.Body.FullName}, {e.Body.Assembly.GetName().Name}");

    /// <summary>The column <c>mt_dotnet_type</c>; never read as identity.</summary>
    public static string DotNet(string name) => DotNetNames[name];

    /// <summary>The column <c>mt_streams.type</c> of a family.</summary>
    public static string Of(StreamFamily family) => family switch
    {
        StreamFamily.Learner => "learner",
        StreamFamily.Framework => "framework",
        StreamFamily.Statement => "statement",
        StreamFamily.Report => "report",
        StreamFamily.Mapping => "mapping",
        _ => "cohort",
    };
}
