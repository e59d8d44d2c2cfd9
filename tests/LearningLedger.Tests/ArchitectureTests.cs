using System.Text.RegularExpressions;
using LearningLedger.Events;

namespace LearningLedger.Tests;

/// <summary>The arrows of the core: it stands on the base library, calendar arithmetic, distributions and signatures alone, and its integrity part on nothing of it.</summary>
public partial class ArchitectureTests
{
    private static readonly string Core = Path.Combine(RepositoryRoot(), "src", "LearningLedger");

    [Fact]
    public void The_core_references_the_base_library_arithmetic_and_signatures_alone() =>
        Assert.All(
            typeof(ILedgerEvent).Assembly.GetReferencedAssemblies(),
            reference => Assert.True(
                reference.Name is "NodaTime" or "MathNet.Numerics" or "NSec.Cryptography" || reference.Name!.StartsWith("System.", StringComparison.Ordinal), $"references {reference.Name}"));

    [Fact]
    public void The_core_reads_no_clock_no_chance_and_no_files() =>
        Assert.All(
            Sources(Core),
            file => Assert.False(Impure().IsMatch(File.ReadAllText(file)), $"{file}: {Impure().Match(File.ReadAllText(file)).Value}"));

    [Fact]
    public void Integrity_uses_nothing_else_of_the_core()
    {
        var others = EventsAndTheRest();
        Assert.Contains("LearningLedger.Events", others);
        Assert.All(Sources(Path.Combine(Core, "Integrity")), file =>
        {
            var text = File.ReadAllText(file);
            Assert.All(others, name => Assert.False(Regex.IsMatch(text, $@"\b{Regex.Escape(name)}\b"), $"{file} uses {name}"));
            Assert.DoesNotContain("LedgerJson", text, StringComparison.Ordinal);
            Assert.DoesNotContain("FieldFault", text, StringComparison.Ordinal);
        });
    }

    private static string[] EventsAndTheRest() =>
        [.. Directory.GetDirectories(Core).Select(d => Path.GetFileName(d)!).Except(["Integrity", "bin", "obj"]).Select(d => "LearningLedger." + d)];

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(f => Path.GetRelativePath(Core, f).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"));

    internal static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LearningLedger.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run within the repository.");
    }

    [GeneratedRegex(
        @"\b(DateTime(Offset)?\.(Utc)?Now|TimeProvider|SystemClock|Stopwatch|Guid\.(NewGuid|CreateVersion7)|Random\b|RandomNumberGenerator"
        + @"|File\.|Directory\.|Environment\.|HttpClient)")]
    private static partial Regex Impure();
}
