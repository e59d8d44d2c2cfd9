using System.IO.Pipelines;
using System.Text;
using LearningLedger.Service.Host;
using LearningLedger.Service.Intake;

namespace LearningLedger.Service.Tests.Intake;

public sealed class ChunkReaderTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private readonly Pipe _body = new(new PipeOptions(pauseWriterThreshold: 0));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Cuts_the_same_chunks_however_the_bytes_come(int atOnce)
    {
        var text = "a\n\n \t\r\nbb\r\nccc\nd\ne";
        await WriteAsync(text, atOnce);
        await _body.Writer.CompleteAsync();

        var chunks = await AllAsync(Reader(most: 2));

        Assert.Equal(["a|bb\r", "ccc|d", "e"], chunks.Select(c => c.Text));
        Assert.Equal([(1, 0, 1, 4), (2, 2, 5, 6), (3, 4, 7, 7)], chunks.Select(c => c.At));
    }

    [Fact]
    public async Task Numbers_the_lines_of_events_with_blank_ones_between_them()
    {
        await WriteAsync("\n\na\n\nb\n", 3);
        await _body.Writer.CompleteAsync();
        var chunk = (await Reader(most: 10).NextAsync())!;

        Assert.Equal((3, 5), (chunk.LineOf(0), chunk.LineOf(1)));
        Assert.Equal((1, 5), (chunk.From, chunk.To));
    }

    [Fact]
    public async Task A_chunk_that_is_not_full_is_given_when_the_sender_pauses()
    {
        var reader = Reader(most: 10, linger: TimeSpan.FromMilliseconds(1));
        await WriteAsync("a\nb\nhalf", 100);

        var first = (await reader.NextAsync())!;
        await WriteAsync(" of it\n", 100);
        await _body.Writer.CompleteAsync();
        var second = (await reader.NextAsync())!;

        Assert.Equal(2, first.Count);
        Assert.Equal("half of it", Encoding.UTF8.GetString(second[0].Span));
        Assert.Equal(3, second.LineOf(2));
        Assert.Null(await reader.NextAsync());
        Assert.Equal(StreamEnd.Complete, reader.End);
    }

    [Fact]
    public async Task A_sender_who_says_nothing_is_given_up()
    {
        var reader = new ChunkReader(_body.Reader, 10, Long, TimeSpan.FromMilliseconds(1), CancellationToken.None);
        await WriteAsync("half a line", 100);

        Assert.Null(await reader.NextAsync());
        Assert.Equal(StreamEnd.Idle, reader.End);
        await reader.CloseAsync();
    }

    [Fact]
    public async Task Gives_what_has_come_when_the_service_stops_and_nothing_after()
    {
        using var stop = new CancellationTokenSource();
        var reader = new ChunkReader(_body.Reader, 10, Long, Long, stop.Token);
        await WriteAsync("a\n", 100);
        var waiting = reader.NextAsync();

        await stop.CancelAsync();
        var last = await waiting;

        Assert.Equal(1, last!.Count);
        await WriteAsync("b\n", 100);
        Assert.Null(await reader.NextAsync());
        Assert.Equal(StreamEnd.Stopping, reader.End);
        await reader.CloseAsync();
    }

    [Fact]
    public async Task A_line_beyond_the_bound_ends_the_stream_and_is_not_kept()
    {
        var reader = Reader(most: 10, linger: TimeSpan.FromMilliseconds(1));
        await WriteAsync("a\n" + new string('x', Limits.StreamLineBytes + 1), 10_000);

        Assert.Equal(1, (await reader.NextAsync())!.Count);
        Assert.Null(await reader.NextAsync());
        Assert.Equal((StreamEnd.LineTooLong, 2), (reader.End, reader.Line));
    }

    [Fact]
    public async Task Large_lines_close_a_chunk_before_it_is_full()
    {
        await WriteAsync(string.Concat(Enumerable.Repeat(new string('x', Limits.ChunkBytes / 2) + "\n", 5)), 50_000);
        await _body.Writer.CompleteAsync();

        Assert.Equal([2, 2, 1], (await AllAsync(Reader(most: 1_000))).Select(c => c.Text.Split('|').Length));
    }

    private ChunkReader Reader(int most, TimeSpan? linger = null) => new(_body.Reader, most, linger ?? Long, Long, CancellationToken.None);

    private async Task WriteAsync(string text, int atOnce)
    {
        foreach (var part in Encoding.UTF8.GetBytes(text).Chunk(atOnce)) await _body.Writer.WriteAsync(part);
    }

    private static async Task<List<(string Text, (int Number, int FirstIndex, int From, int To) At)>> AllAsync(ChunkReader reader)
    {
        var all = new List<(string, (int, int, int, int))>();
        while (await reader.NextAsync() is { } chunk)
        {
            all.Add((string.Join('|', Enumerable.Range(0, chunk.Count).Select(i => Encoding.UTF8.GetString(chunk[i].Span))), (chunk.Number, chunk.FirstIndex, chunk.From, chunk.To)));
            reader.Release(chunk);
        }

        Assert.Equal(StreamEnd.Complete, reader.End);
        return all;
    }
}
