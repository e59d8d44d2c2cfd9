using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using LearningLedger.Integrity;
using LearningLedger.Tests.Bundles;
using LearningLedger.Tests.Integrity.Trees;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Verifier;

/// <summary>A log, and a witness of it, served over HTTP as one that lies might serve them.</summary>
internal sealed class ServedLog : IDisposable
{
    public const string NextOrigin = BundleLog.Origin + "/2";

    private readonly HttpListener listener = new();
    private readonly ConcurrentDictionary<string, byte[]> files = new();
    private volatile string? next;

    public ServedLog()
    {
        for (var tries = 0; ; tries++)
        {
            var port = FreePort();
            Url = $"http://127.0.0.1:{port}/";
            listener.Prefixes.Clear();
            listener.Prefixes.Add(Url);
            try
            {
                listener.Start();
                break;
            }
            catch (HttpListenerException) when (tries < 20)
            {
                // Somebody else took the port meanwhile.
            }
        }

        _ = ServeAsync();
    }

    public static SigningKey NextKey { get; } = Integrity.Keys.Log(NextOrigin, 204);

    public string Url { get; }

    /// <summary>What every request carried.</summary>
    public ConcurrentBag<string?> Keys { get; } = [];

    public string Policy => $"log {BundleLog.Key.Verifier}\nwitness w {BundleLog.Witness.Verifier} {Url}witness\nquorum none\n";

    /// <summary>Shows a log of these leaves.</summary>
    /// <param name="leaves">All its leaves.</param>
    /// <param name="dated">When the witness cosigned it; null: it did not.</param>
    public void Show(IReadOnlyList<byte[]> leaves, DateTimeOffset? dated) => Show("", BundleLog.Origin, BundleLog.Key, leaves, dated);

    /// <summary>Ends the log, and shows another in its place.</summary>
    public void Reopen(string path, IReadOnlyList<byte[]> leaves, DateTimeOffset? dated)
    {
        next = path;
        Show(path + "/", NextOrigin, NextKey, leaves, dated);
    }

    /// <summary>The signed checkpoint of a log of these leaves.</summary>
    public static SignedNote Note(IReadOnlyList<byte[]> leaves)
    {
        var tiles = new TileLog();
        tiles.Grow(leaves.Select(leaf => TreeHash.Leaf(leaf)), leaves.Count);
        return SignedNote.Parse(Head(BundleLog.Origin, BundleLog.Key, tiles.Size, tiles.Root, null));
    }

    private void Show(string prefix, string origin, SigningKey key, IReadOnlyList<byte[]> leaves, DateTimeOffset? dated)
    {
        var tiles = new TileLog();
        tiles.Grow(leaves.Select(leaf => TreeHash.Leaf(leaf)), Math.Max(1, leaves.Count));
        foreach (var tile in tiles.Tiles)
        {
            files[prefix + tile.Id.Path] = tile.Hashes;
            if (tile.Id.Level == 0)
            {
                var bundle = new ArrayBufferWriter<byte>();
                leaves.Skip((int)tile.Id.Index * 256).Take(tile.Id.Width).ToList().ForEach(leaf => EntryBundle.Write(bundle, leaf));
                files[prefix + tile.Id.EntriesPath] = bundle.WrittenSpan.ToArray();
            }
        }

        files[prefix + "checkpoint"] = Encoding.UTF8.GetBytes(Head(origin, key, tiles.Size, tiles.Root, dated));
    }

    /// <summary>Has the witness say that it saw these leaves.</summary>
    public void Witness(IReadOnlyList<byte[]> leaves, DateTimeOffset at)
    {
        var tiles = new TileLog();
        tiles.Grow(leaves.Select(leaf => TreeHash.Leaf(leaf)), leaves.Count);
        files[$"witness/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(BundleLog.Origin)))}/checkpoint"] = Encoding.UTF8.GetBytes(Head(BundleLog.Origin, BundleLog.Key, tiles.Size, tiles.Root, at));
    }

    /// <summary>A file as it is served.</summary>
    public byte[] Get(string path) => files[path];

    /// <summary>Serves something else; null: nothing.</summary>
    public void Put(string path, byte[]? bytes)
    {
        if (bytes is null)
        {
            files.TryRemove(path, out _);
        }
        else
        {
            files[path] = bytes;
        }
    }

    public void Dispose() => listener.Close();

    public static byte[] Leaf(int n, DateTimeOffset at, long? version = null) => new EventLeaf(
        at, TreeHash.Empty, PayloadEncoding.Jcs, new Guid(n, 1, 1, new byte[8]), EventLeafKind.Event, version ?? ((n / 7) + 1), new Guid(n % 7, 0, 0, new byte[8]), Tenant, "skill.attempted").Bytes();

    private static string Head(string origin, SigningKey key, long size, TreeHash root, DateTimeOffset? dated)
    {
        var note = new Checkpoint(origin, size, root).Sign(key);
        return (dated is { } at ? note.With(SignedNote.ParseSignatures(BundleLog.Witness.Cosign(note.Text, at.ToUnixTimeSeconds()))) : note).ToString();
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Keys.Add(context.Request.Headers["Authorization"]);
            var found = files.TryGetValue(context.Request.Url!.AbsolutePath.TrimStart('/'), out var bytes);
            context.Response.StatusCode = found ? 200 : 404;
            if (next is { } successor && context.Request.Url!.AbsolutePath == "/checkpoint")
            {
                (context.Response.StatusCode, bytes) = (410, []);
                context.Response.Headers["Link"] = $"<{successor}>; rel=\"successor-version\"";
            }

            // With a length: an empty answer written in chunks would end twice, and the second end be read as the next answer.
            context.Response.Close(bytes ?? [], willBlock: true);
        }
    }
}
