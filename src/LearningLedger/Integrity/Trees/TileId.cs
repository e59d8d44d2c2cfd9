using System.Globalization;

namespace LearningLedger.Integrity;

/// <summary>Which tile of a tree: C2SP tlog-tiles. A tile holds consecutive hashes of complete subtrees of 256^level leaves.</summary>
/// <param name="Level">0: leaf hashes; above: roots of full tiles of the level below. At most 63.</param>
/// <param name="Index">Place within the level, from 0.</param>
/// <param name="Width">Hashes in it: 1 to 255 for a partial tile, 256 for a full one.</param>
public readonly record struct TileId(int Level, long Index, int Width = TileId.FullWidth)
{
    /// <summary>Hashes (or entries) in a full tile.</summary>
    public const int FullWidth = 256;

    /// <summary>Levels of the tree that one tile spans.</summary>
    public const int Height = 8;

    private const string EntriesName = "entries";

    /// <summary>Whether it is full and can never change.</summary>
    public bool IsFull => Width == FullWidth;

    /// <summary>Its path below the log's prefix: <c>tile/0/x001/067</c> or <c>tile/0/x001/067.p/8</c>.</summary>
    public string Path => Under(Level.ToString(CultureInfo.InvariantCulture));

    /// <summary>The path of the entry bundle beside a tile of level 0: <c>tile/entries/x001/067</c>.</summary>
    public string EntriesPath => Under(EntriesName);

    /// <summary>How many hashes the tile at <paramref name="index"/> has in a tree of <paramref name="size"/> leaves; 0: it does not exist.</summary>
    public static int WidthIn(long size, int level, long index)
    {
        var shift = Height * level;
        var hashes = shift > 62 ? 0 : size >> shift;
        return (int)Math.Clamp(hashes - (index * FullWidth), 0, FullWidth);
    }

    /// <summary>The partial tiles at the right edge of a tree of <paramref name="size"/> leaves, lowest level first.</summary>
    public static IEnumerable<TileId> Edge(long size)
    {
        for (var level = 0; size > 0; level++, size /= FullWidth)
        {
            if (size % FullWidth > 0)
            {
                yield return new TileId(level, size / FullWidth, (int)(size % FullWidth));
            }
        }
    }

    /// <summary>Reads a path as <see cref="Path"/> or <see cref="EntriesPath"/> writes it; no other spelling is taken.</summary>
    /// <param name="path">The path, from <c>tile/</c> on.</param>
    /// <param name="tile">The tile; for entries the tile of level 0 they belong to.</param>
    /// <param name="entries">Whether it names an entry bundle.</param>
    public static bool TryParse(string path, out TileId tile, out bool entries)
    {
        tile = default;
        entries = false;
        var parts = path.Split('/');
        if (parts.Length < 3 || parts[0] != "tile")
        {
            return false;
        }

        entries = parts[1] == EntriesName;
        var last = parts.Length - 1;
        var width = FullWidth;
        if (parts[last - 1].EndsWith(".p", StringComparison.Ordinal))
        {
            if (last < 3 || !int.TryParse(parts[last], NumberStyles.None, CultureInfo.InvariantCulture, out width) || width is < 1 or >= FullWidth)
            {
                return false;
            }

            parts[--last] = parts[last][..^2];
        }

        var level = 0;
        if (!entries && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out level) || level > 63))
        {
            return false;
        }

        // Six groups of three digits hold every index a tree of 2^63 leaves can have.
        long index = 0;
        for (var i = 2; i <= last; i++)
        {
            var digits = i < last && parts[i].StartsWith('x') ? parts[i][1..] : parts[i];
            if (last > 7 || digits.Length != 3 || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var group))
            {
                return false;
            }

            index = (index * 1000) + group;
        }

        tile = new TileId(level, index, width);
        return path == (entries ? tile.EntriesPath : tile.Path);
    }

    private string Under(string folder)
    {
        var path = (Index % 1000).ToString("000", CultureInfo.InvariantCulture);
        for (var rest = Index / 1000; rest > 0; rest /= 1000)
        {
            path = string.Create(CultureInfo.InvariantCulture, $"x{rest % 1000:000}/{path}");
        }

        return IsFull ? $"tile/{folder}/{path}" : string.Create(CultureInfo.InvariantCulture, $"tile/{folder}/{path}.p/{Width}");
    }
}
