using LearningLedger.Integrity;

namespace LearningLedger.Verifier;

/// <summary>A copy of a log's files (C2SP tlog-tiles): <c>checkpoint</c>, <c>tile/entries/...</c> and, if they were copied too, <c>tile/0/...</c> and so on.</summary>
internal sealed class MirroredLog(DirectoryInfo folder)
{
    private const int BundlesAhead = 64; // 16,384 leaves, some 10 MiB

    public SignedNote Checkpoint() => SignedNote.Parse(File.ReadAllBytes(Path.Combine(folder.FullName, "checkpoint")));

    /// <summary>A tile of hashes, or null where it was not copied. A wider tile of the same place serves too.</summary>
    public byte[]? Hashes(TileId tile) => Read(tile, t => t.Path);

    /// <summary>Takes every leaf into a replay, and compares each tile that was copied with what follows from the leaves.</summary>
    /// <param name="size">How many leaves.</param>
    /// <param name="replay">The replay.</param>
    /// <param name="taken">Called with each leaf and its index; null for what is no leaf.</param>
    /// <returns>How many tiles were compared.</returns>
    /// <exception cref="InvalidDataException">Entries are missing, or a tile differs.</exception>
    public int Replay(long size, LogReplay replay, Action<LogLeaf?, long> taken)
    {
        var compared = 0;
        var edge = new Dictionary<int, Tile>();
        foreach (var bundle in Bundles(size))
        {
            foreach (var read in bundle)
            {
                replay.Add(read);
                taken(read.Leaf, replay.Size - 1);
            }

            var tiles = replay.TakeTiles();
            compared += Compare(tiles.Where(tile => tile.Id.IsFull));
            foreach (var tile in tiles)
            {
                edge[tile.Id.Level] = tile;
            }
        }

        return compared + Compare(TileId.Edge(size).Select(tile => edge[tile.Level]));
    }

    /// <summary>The leaves of each bundle, some bundles read ahead while the caller deals with those before.</summary>
    private IEnumerable<ReadLeaf[]> Bundles(long size)
    {
        var ahead = Ahead(0);
        for (long first = 0; first * TileId.FullWidth < size; first += BundlesAhead)
        {
            var bundles = ahead;
            ahead = Ahead(first + BundlesAhead);
            foreach (var bundle in bundles.GetAwaiter().GetResult())
            {
                yield return bundle;
            }
        }

        Task<ReadLeaf[][]> Ahead(long first)
        {
            var count = (int)Math.Clamp(((size + TileId.FullWidth - 1) / TileId.FullWidth) - first, 0, BundlesAhead);
            return Task.Run(() => Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => Bundle(first + i, size)))));
        }
    }

    private ReadLeaf[] Bundle(long index, long size)
    {
        var id = new TileId(0, index, TileId.WidthIn(size, 0, index));
        ReadOnlySpan<byte> rest = Read(id, t => t.EntriesPath) ?? throw new InvalidDataException($"The copy lacks {id.EntriesPath}.");
        var leaves = new ReadLeaf[id.Width];
        for (var i = 0; i < leaves.Length; i++)
        {
            leaves[i] = EntryBundle.TryRead(ref rest, out var entry)
                ? LogReplay.Read(entry)
                : throw new InvalidDataException($"{id.EntriesPath} holds {i} entries, not {id.Width}.");
        }

        return leaves;
    }

    private int Compare(IEnumerable<Tile> tiles)
    {
        var compared = 0;
        foreach (var tile in tiles)
        {
            if (Hashes(tile.Id) is { } copy)
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

    private byte[]? Read(TileId tile, Func<TileId, string> path)
    {
        for (var width = TileId.FullWidth; width >= tile.Width; width--)
        {
            var file = Path.Combine([folder.FullName, .. path(tile with { Width = width }).Split('/')]);
            if (File.Exists(file))
            {
                return File.ReadAllBytes(file);
            }
        }

        return null;
    }
}
