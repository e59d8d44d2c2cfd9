using System.Net;
using LearningLedger.Integrity;

namespace LearningLedger.Verifier;

/// <summary>
/// A log's files (C2SP tlog-tiles): <c>checkpoint</c>, <c>tile/entries/...</c> and, if they are there, <c>tile/0/...</c> and so on. Read from a copy, or
/// from where they are served.
/// </summary>
internal sealed class TiledLog
{
    private const int BundlesAhead = 16; // 4,096 leaves: enough for all cores, and few enough that most are done with before memory is collected

    private readonly Func<string, CancellationToken, Task<byte[]?>> read;
    private readonly bool isCopy;

    private TiledLog(Func<string, CancellationToken, Task<byte[]?>> read, bool isCopy) => (this.read, this.isCopy) = (read, isCopy);

    /// <summary>A copy in a folder.</summary>
    public static TiledLog Copy(DirectoryInfo folder) => new(
        (path, _) =>
        {
            var file = Path.Combine([folder.FullName, .. path.Split('/')]);
            return Task.FromResult(File.Exists(file) ? File.ReadAllBytes(file) : null);
        },
        isCopy: true);

    /// <summary>A log as it is served.</summary>
    /// <param name="client">Asks.</param>
    /// <param name="address">The log's, with a slash at the end.</param>
    public static TiledLog Served(HttpClient client, Uri address) => new(
        async (path, cancellation) =>
        {
            using var answer = await client.GetAsync(new Uri(address, path), cancellation);
            if (answer.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }

            if (answer.StatusCode == HttpStatusCode.Gone && Successor(answer, new Uri(address, path)) is { } successor)
            {
                throw new LogEndedException(successor);
            }

            return answer.IsSuccessStatusCode
                ? await answer.Content.ReadAsByteArrayAsync(cancellation)
                : throw new HttpRequestException($"{address}{path} answers {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellation)}", null, answer.StatusCode);
        },
        isCopy: false);

    /// <summary>Where an ended log says that it goes on (a link of relation successor-version, RFC 5829); null unless that is with the same server, for a key goes along.</summary>
    private static Uri? Successor(HttpResponseMessage answer, Uri asked)
    {
        const string Relation = ">; rel=\"successor-version\"";
        var link = answer.Headers.TryGetValues("Link", out var links) ? links.FirstOrDefault(l => l.StartsWith('<') && l.EndsWith(Relation, StringComparison.Ordinal)) : null;
        return link is not null && Uri.TryCreate(asked, link[1..^Relation.Length] + "/", out var next) && next.GetLeftPart(UriPartial.Authority) == asked.GetLeftPart(UriPartial.Authority) ? next : null;
    }

    public async Task<SignedNote> CheckpointAsync(CancellationToken cancellation) =>
        SignedNote.Parse(await read("checkpoint", cancellation) ?? throw new InvalidDataException("There is no checkpoint."));

    /// <summary>A proof made from the tiles.</summary>
    /// <exception cref="InvalidDataException">A tile is missing or short.</exception>
    public async Task<TreeHash[]> ProveAsync(ProofPlan plan, CancellationToken cancellation)
    {
        var tiles = new Dictionary<TileId, byte[]>();
        foreach (var tile in plan.Tiles)
        {
            tiles[tile] = await ReadAsync(tile, t => t.Path, cancellation) ?? throw new InvalidDataException($"The log lacks {tile.Path}.");
        }

        return plan.Hashes(tile => tiles[tile]);
    }

    /// <summary>Whether the log only grew between two of its checkpoints.</summary>
    /// <exception cref="InvalidDataException">A tile is missing or short.</exception>
    public async Task<bool> ContinuesAsync(Checkpoint old, Checkpoint head, CancellationToken cancellation) =>
        old.Size == 0 || old.Size == head.Size
            ? old.Root == (old.Size == 0 ? TreeHash.Empty : head.Root)
            : TreeProof.IsConsistent(old.Size, head.Size, old.Root, head.Root, await ProveAsync(ProofPlan.Consistency(old.Size, head.Size), cancellation));

    /// <summary>Takes the leaves a replay does not have yet, and compares each tile that is there with what follows from the leaves.</summary>
    /// <param name="size">How many leaves the replay is to have.</param>
    /// <param name="replay">The replay.</param>
    /// <param name="taken">Called with each leaf and its index; null for what is no leaf.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>How many tiles were compared.</returns>
    /// <exception cref="InvalidDataException">Entries are missing, or a tile differs.</exception>
    public async Task<int> ReplayAsync(long size, LogReplay replay, Action<LogLeaf?, long> taken, CancellationToken cancellation)
    {
        var compared = 0;
        var edge = new Dictionary<int, Tile>();
        await foreach (var bundle in BundlesAsync(replay.Size, size, cancellation))
        {
            foreach (var leaf in bundle)
            {
                replay.Add(leaf);
                taken(leaf.Leaf, replay.Size - 1);
            }

            var tiles = replay.TakeTiles();
            compared += await CompareAsync(tiles.Where(tile => tile.Id.IsFull), cancellation);
            foreach (var tile in tiles)
            {
                edge[tile.Id.Level] = tile;
            }
        }

        return compared + await CompareAsync(TileId.Edge(size).Where(tile => edge.ContainsKey(tile.Level)).Select(tile => edge[tile.Level]).Where(tile => !tile.Id.IsFull), cancellation);
    }

    /// <summary>The leaves of each bundle, some bundles read ahead while the caller deals with those before.</summary>
    private async IAsyncEnumerable<ArraySegment<ReadLeaf>> BundlesAsync(
        long from, long size, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var begin = from / TileId.FullWidth;
        var skip = (int)(from % TileId.FullWidth);
        var ahead = Ahead(begin);
        for (var first = begin; first * TileId.FullWidth < size; first += BundlesAhead)
        {
            var bundles = await ahead;
            ahead = Ahead(first + BundlesAhead);
            foreach (var bundle in bundles)
            {
                yield return new ArraySegment<ReadLeaf>(bundle)[Math.Min(skip, bundle.Length)..];
                skip = 0;
            }
        }

        Task<ReadLeaf[][]> Ahead(long first)
        {
            var count = (int)Math.Clamp(((size + TileId.FullWidth - 1) / TileId.FullWidth) - first, 0, BundlesAhead);
            return Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => BundleAsync(first + i, size, cancellation), cancellation)));
        }
    }

    private async Task<ReadLeaf[]> BundleAsync(long index, long size, CancellationToken cancellation)
    {
        var id = new TileId(0, index, TileId.WidthIn(size, 0, index));
        return Leaves(id, await ReadAsync(id, t => t.EntriesPath, cancellation) ?? throw new InvalidDataException($"The log lacks {id.EntriesPath}."));
    }

    private static ReadLeaf[] Leaves(TileId id, ReadOnlySpan<byte> rest)
    {
        var leaves = new ReadLeaf[id.Width];
        for (var i = 0; i < leaves.Length; i++)
        {
            leaves[i] = EntryBundle.TryRead(ref rest, out var entry)
                ? LogReplay.Read(entry)
                : throw new InvalidDataException($"{id.EntriesPath} holds {i} entries, not {id.Width}.");
        }

        return leaves;
    }

    private async Task<int> CompareAsync(IEnumerable<Tile> tiles, CancellationToken cancellation)
    {
        var compared = 0;
        foreach (var tile in tiles)
        {
            if (await ReadAsync(tile.Id, t => t.Path, cancellation) is { } copy)
            {
                compared++;
                if (copy.Length < tile.Hashes.Length || !copy.AsSpan(0, tile.Hashes.Length).SequenceEqual(tile.Hashes))
                {
                    throw new InvalidDataException($"{tile.Id.Path} does not follow from the leaves.");
                }
            }
        }

        return compared;
    }

    /// <summary>A file of a tile, or null. Of a copy a wider tile of the same place serves too: it may have been made when the log was larger.</summary>
    private async Task<byte[]?> ReadAsync(TileId tile, Func<TileId, string> path, CancellationToken cancellation)
    {
        for (var width = isCopy ? TileId.FullWidth : tile.Width; width >= tile.Width; width--)
        {
            if (await read(path(tile with { Width = width }), cancellation) is { } bytes)
            {
                return bytes;
            }
        }

        return null;
    }
}

/// <summary>A log was ended and goes on elsewhere.</summary>
/// <param name="successor">Where, with a slash at the end.</param>
internal sealed class LogEndedException(Uri successor) : Exception($"The log has ended, and goes on at {successor}; and that again and again.")
{
    public Uri Successor => successor;
}
