using System.Text.RegularExpressions;

namespace LearningLedger.Service.Tests;

/// <summary>The arrows of the service: slices meet in events, never call each other; Store and Host, which all may use, use no slice.</summary>
public class ArchitectureTests
{
    private static readonly string[] Slices =
    [
        "Intake", "Keys", "Attempts", "Evidence", "Awards", "Frameworks", "Cohorts", "Erasure", "Transcripts", "Audit", "Analytics", "Links", "Log", "Xapi", "Pages",
    ];

    private static readonly string[] Foundations = ["Store", "Host"];

    /// <summary>Files where the parts are put together; each may name slices.</summary>
    private static readonly string[] CompositionRoot = ["Program.cs", "Host/LedgerHost.cs", "Host/RunningLedger.cs", "Host/OwnVerbs.cs"];

    private static readonly string Service = Path.Combine(RepositoryRoot(), "src", "LearningLedger.Service");

    [Fact]
    public void Slices_do_not_use_each_other() =>
        Assert.Empty(Slices.SelectMany(slice => Uses(slice, Slices.Except([slice]))));

    [Fact]
    public void Store_and_Host_use_no_slice() =>
        Assert.Empty(Foundations.SelectMany(room => Uses(room, Slices)));

    [Fact]
    public void Every_room_is_a_slice_or_a_foundation() =>
        Assert.Empty(Directory.GetDirectories(Service).Select(d => Path.GetFileName(d)!).Except([.. Slices, .. Foundations, "bin", "obj", "Internal"]));

    [Fact]
    public void A_file_in_a_room_says_so_in_its_namespace() =>
        Assert.Empty(
            from room in Slices.Concat(Foundations)
            from file in Files(room)
            where !Regex.IsMatch(File.ReadAllText(file), $@"^namespace LearningLedger\.Service\.{room}(\.\w+)*;$", RegexOptions.Multiline)
            select Name(file));

    private static IEnumerable<string> Uses(string room, IEnumerable<string> forbidden)
    {
        var others = string.Join('|', forbidden);
        foreach (var file in Files(room).Concat(Files(room, "*.razor")).Where(f => !CompositionRoot.Contains(Name(f))))
        {
            foreach (Match use in Regex.Matches(File.ReadAllText(file), $@"\bService\.({others})\b"))
            {
                yield return $"{Name(file)} uses {use.Value}";
            }
        }
    }

    private static string[] Files(string room, string pattern = "*.cs")
    {
        var folder = Path.Combine(Service, room);
        return Directory.Exists(folder) ? Directory.GetFiles(folder, pattern, SearchOption.AllDirectories) : [];
    }

    private static string Name(string file) => Path.GetRelativePath(Service, file).Replace('\\', '/');

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LearningLedger.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run within the repository.");
    }
}
