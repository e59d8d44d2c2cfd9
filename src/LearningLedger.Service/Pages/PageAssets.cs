using System.Security.Cryptography;

namespace LearningLedger.Service.Pages;

/// <summary>Style, script and icon of the pages, carried in the assembly and served under names that change with their content.</summary>
public static class PageAssets
{
    private static readonly Dictionary<string, string> Types = new() { [".css"] = "text/css; charset=utf-8", [".js"] = "text/javascript; charset=utf-8", [".svg"] = "image/svg+xml" };

    private static readonly Dictionary<string, byte[]> Files = Read();

    /// <summary>Where an asset lies.</summary>
    /// <param name="name">Its file name.</param>
    public static string Url(string name) => $"/assets/{Convert.ToHexStringLower(SHA256.HashData(Files[name]))[..12]}/{name}";

    /// <summary>Maps the assets, open to everyone: they hold nothing of anybody's.</summary>
    public static void Map(WebApplication app)
    {
        foreach (var (name, bytes) in Files)
        {
            app.MapGet(Url(name), (HttpContext context) =>
            {
                context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
                context.Response.Headers.XContentTypeOptions = "nosniff";
                return Results.Bytes(bytes, Types[Path.GetExtension(name)]);
            }).AllowAnonymous().ExcludeFromDescription();
        }
    }

    private static Dictionary<string, byte[]> Read()
    {
        const string folder = "pages/";
        var assembly = typeof(PageAssets).Assembly;
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith(folder, StringComparison.Ordinal)).ToDictionary(n => n[folder.Length..], n =>
        {
            using var stream = assembly.GetManifestResourceStream(n)!;
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        });
    }
}
