using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace LearningLedger.Benchmarks;

/// <summary>One figure.</summary>
/// <param name="Name">Which.</param>
/// <param name="Ours">What the service did.</param>
/// <param name="Reference">What it is compared with, or null.</param>
/// <param name="Unit">Unit of both.</param>
/// <param name="Ratio">Ours ÷ reference, median of the rounds; without a reference null.</param>
/// <param name="Bar">What is asked for, of the ratio or of ours.</param>
/// <param name="Met">Whether it is met; null for what failed.</param>
/// <param name="Failure">Why it is no figure.</param>
internal sealed record Line(string Name, double? Ours, double? Reference, string Unit, double? Ratio, string Bar, bool? Met, string? Failure);

/// <summary>Collects, prints and writes figures.</summary>
internal sealed class Report(Machine machine)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly List<Line> lines = [];
    private double cpuSeconds;
    private double peakMegabytes;

    /// <summary>Whether a check failed.</summary>
    public bool Failed => lines.Any(l => l.Failure is not null);

    /// <summary>Our batch ingest rate of this run, or null.</summary>
    public double? BatchRate { get; set; }

    /// <summary>The rate of raw COPY in this run, or null.</summary>
    public double? CopyRate { get; set; }

    /// <summary>A pair taken side by side, round by round; the bar asks for at least that ratio.</summary>
    public void AtLeast(string name, IReadOnlyList<(double Ours, double Reference)> rounds, string unit, double bar) =>
        Add(name, rounds, unit, "≥ " + Text(bar), ratio => ratio >= bar);

    /// <summary>As that, at most.</summary>
    public void AtMost(string name, IReadOnlyList<(double Ours, double Reference)> rounds, string unit, double bar) =>
        Add(name, rounds, unit, "≤ " + Text(bar), ratio => ratio <= bar);

    /// <summary>A value that stands by itself; the bar asks for at least so much.</summary>
    public void AtLeast(string name, IReadOnlyList<double> rounds, string unit, double bar) =>
        Add(name, rounds, unit, "≥ " + Text(bar), ours => ours >= bar);

    /// <summary>As that, at most.</summary>
    public void AtMost(string name, IReadOnlyList<double> rounds, string unit, double bar) =>
        Add(name, rounds, unit, "≤ " + Text(bar), ours => ours <= bar);

    /// <summary>What was taken is no figure.</summary>
    public void Fail(string name, string why) => lines.Add(new Line(name, null, null, "", null, "", null, why));

    /// <summary>What the service took in all.</summary>
    public void Service(ServiceUnderTest service)
    {
        (cpuSeconds, peakMegabytes) = (service.CpuSeconds, service.PeakMegabytes);
        AtMost("memory", [peakMegabytes], "MB", 400);
    }

    /// <summary>Prints the table.</summary>
    public void Print()
    {
        var table = new Table().AddColumns("figure", "ours", "reference", "unit", "ratio", "bar", "met");
        foreach (var l in lines)
        {
            table.AddRow([.. new[]
            {
                l.Name, l.Failure is null ? Text(l.Ours) : "FAILED: " + l.Failure, Text(l.Reference), l.Unit, Text(l.Ratio), l.Bar, l.Met is { } met ? met ? "yes" : "no" : "",
            }.Select(Markup.Escape)]);
        }

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"{machine.Cores} cores, {machine.MemoryGb} GB, {machine.System}, .NET {machine.DotNet}, PostgreSQL {machine.PostgreSql}; sizes: {machine.Sizes}. Service: {cpuSeconds:0.0} CPU seconds, {peakMegabytes:0} MB at most.");
    }

    /// <summary>Writes the file.</summary>
    public Task WriteAsync(string file, CancellationToken cancellation) => File.WriteAllTextAsync(
        file, JsonSerializer.Serialize(new { machine, figures = lines, service = new { cpuSeconds, peakMegabytes } }, Json) + "\n", cancellation);

    /// <summary>The middle one; of an even number the mean of the two in the middle.</summary>
    public static double Median(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private void Add(string name, IReadOnlyList<(double Ours, double Reference)> rounds, string unit, string bar, Func<double, bool> met)
    {
        var ratio = Median([.. rounds.Select(r => r.Ours / r.Reference)]);
        lines.Add(new Line(name, Median([.. rounds.Select(r => r.Ours)]), Median([.. rounds.Select(r => r.Reference)]), unit, ratio, bar, met(ratio), null));
    }

    private void Add(string name, IReadOnlyList<double> rounds, string unit, string bar, Func<double, bool> met)
    {
        var ours = Median(rounds);
        lines.Add(new Line(name, ours, null, unit, null, $"{bar} {unit}", met(ours), null));
    }

    private static string Text(double? value) => value is { } v ? v.ToString(v >= 100 ? "#,0" : "0.###", CultureInfo.InvariantCulture) : "";
}
