using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity.Trees;

public class TileIdTests
{
    [Theory]
    [InlineData(0, 0, 256, "tile/0/000", "tile/entries/000")]
    [InlineData(0, 1067, 256, "tile/0/x001/067", "tile/entries/x001/067")]
    [InlineData(1, 1234067, 8, "tile/1/x001/x234/067.p/8", "tile/entries/x001/x234/067.p/8")]
    [InlineData(63, 9, 255, "tile/63/009.p/255", "tile/entries/009.p/255")]
    public void Is_written_and_read_as_the_specification_says(int level, long index, int width, string path, string entries)
    {
        var tile = new TileId(level, index, width);

        Assert.Equal(path, tile.Path);
        Assert.Equal(entries, tile.EntriesPath);
        Assert.True(TileId.TryParse(path, out var read, out var isEntries));
        Assert.Equal((tile, false), (read, isEntries));
        Assert.True(TileId.TryParse(entries, out read, out isEntries));
        Assert.Equal((tile with { Level = 0 }, true), (read, isEntries));
    }

    [Theory]
    [InlineData("tile/0")]
    [InlineData("tile/0/0")]
    [InlineData("tile/0/0000")]
    [InlineData("tile/00/000")]
    [InlineData("tile/64/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/0/x000/001")]
    [InlineData("tile/0/001/067")]
    [InlineData("tile/0/x001/x067")]
    [InlineData("tile/0/000.p")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/08")]
    [InlineData("tile/0/x001.p/067")]
    [InlineData("tile/0/ 01")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/x999/x999/999")]
    [InlineData("tile/leaves/000")]
    [InlineData("tiles/0/000")]
    [InlineData("tile/0/000/")]
    [InlineData("/tile/0/000")]
    public void Takes_no_other_spelling(string path) => Assert.False(TileId.TryParse(path, out _, out _));

    [Fact]
    public void Knows_the_edge_of_the_specification_s_example() =>
        Assert.Equal([new TileId(0, 273, 112), new TileId(1, 1, 17), new TileId(2, 0, 1)], TileId.Edge(70_000));

    [Fact]
    public void Knows_the_edge_of_a_full_tile()
    {
        Assert.Empty(TileId.Edge(0));
        Assert.Equal([new TileId(1, 0, 1)], TileId.Edge(256));
        Assert.Equal(256, TileId.WidthIn(256, 0, 0));
        Assert.Equal(0, TileId.WidthIn(256, 0, 1));
        Assert.Equal(1, TileId.WidthIn(256, 1, 0));
        Assert.Equal(0, TileId.WidthIn(256, 8, 0));
    }
}
