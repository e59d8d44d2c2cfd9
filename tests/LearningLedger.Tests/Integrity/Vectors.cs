using System.Text.Json;

namespace LearningLedger.Tests.Integrity;

/// <summary>The published vectors beside the tests.</summary>
internal static class Vectors
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Vectors");

    public static string File(params string[] path) => Path.Combine([Folder, .. path]);

    public static JsonElement Json(params string[] path)
    {
        using var document = JsonDocument.Parse(System.IO.File.ReadAllBytes(File(path)));
        return document.RootElement.Clone();
    }

    public static byte[] Hex(this JsonElement element, string member) => Convert.FromHexString(element.GetProperty(member).GetString()!);

    public static string Text(this JsonElement element, string member) => element.GetProperty(member).GetString()!;
}
