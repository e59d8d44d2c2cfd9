using System.Text.Json;
using LearningLedger.Frameworks;

namespace LearningLedger.Service.Host.Demo;

/// <summary>The framework the demo climbs, from the file beside the service.</summary>
internal static class DemoFramework
{
    /// <summary>Where the file lies.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "frameworks", "ai-systems-engineer.json");

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">The file was changed into something that cannot be published.</exception>
    public static FrameworkDefinition Read()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path));
        var reading = FrameworkFile.Read(document.RootElement);
        return reading is { Definition: { } definition, Faults.Count: 0 }
            ? definition
            : throw new InvalidDataException($"{Path}: {string.Join("; ", reading.Faults.Select(f => $"{f.Field} {f.Message}"))}");
    }
}
