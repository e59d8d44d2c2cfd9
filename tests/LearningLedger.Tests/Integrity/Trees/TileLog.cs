using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity.Trees;

/// <summary>A log's tiles in memory, as a store would keep them: the widest of each place.</summary>
internal sealed class TileLog
{
    private readonly Dictionary<(int, long), Tile> tiles = [];
    private readonly TreeEdge edge = new();

    public long Size => edge.Size;

    public TreeHash Root => edge.Root();

    /// <summary>Appends leaves, keeping their tiles after every <paramref name="batch"/>.</summary>
    public void Grow(IEnumerable<TreeHash> leaves, int batch)
    {
        foreach (var some in leaves.Chunk(batch))
        {
            foreach (var leaf in some)
            {
                edge.Append(leaf);
            }

            foreach (var tile in edge.TakeTiles())
            {
                tiles[(tile.Id.Level, tile.Id.Index)] = tile;
            }
        }
    }

    public ReadOnlyMemory<byte> Read(TileId id) => tiles[(id.Level, id.Index)].Hashes;

    public IEnumerable<Tile> Tiles => tiles.Values;
}
