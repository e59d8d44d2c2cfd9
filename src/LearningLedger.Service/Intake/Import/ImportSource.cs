using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;

namespace LearningLedger.Service.Intake.Import;

/// <summary>The lines to import: of a file, of a gzip file, or of standard input. Read ahead while requests are under way, never more than a bound.</summary>
internal sealed class ImportSource : IAsyncDisposable
{
    private const int ReadAhead = 32 * 1024 * 1024;

    // What a slow producer has written must not wait until a request is full.
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly Pipe pipe = new(new PipeOptions(pauseWriterThreshold: ReadAhead, resumeWriterThreshold: ReadAhead / 2, minimumSegmentSize: 64 * 1024, useSynchronizationContext: false));
    private readonly CancellationTokenSource closed = new();
    private readonly Stream stream;
    private readonly FileStream? file;
    private long line = 1;
    private long pumped;

    private ImportSource(Stream stream, FileStream? file)
    {
        (this.stream, this.file) = (stream, file);
        _ = Task.Run(PumpAsync);
    }

    /// <summary>Opens a file, by its extension <c>.gz</c> a compressed one; <c>-</c> is standard input.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static ImportSource Open(string name)
    {
        if (name == "-")
        {
            return new(Console.OpenStandardInput(), null);
        }

        var file = new FileStream(name, new FileStreamOptions { Options = FileOptions.SequentialScan | FileOptions.Asynchronous, BufferSize = 256 * 1024 });
        return new(name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file, file);
    }

    /// <summary>How much of the source so many bytes of lines are, 0 to 1; null for standard input, whose end nobody knows.</summary>
    public double? Share(long bytes) =>
        file is null ? null : pumped == 0 || file.Length == 0 ? 0 : Math.Min(1, (double)bytes / pumped * file.Position / file.Length);

    /// <summary>The next lines, dealt out to be sent at once; null after the last.</summary>
    /// <param name="size">About how many bytes, all parts together.</param>
    /// <exception cref="IOException">The source cannot be read on.</exception>
    /// <exception cref="InvalidDataException">It is not the gzip file its name says.</exception>
    public async Task<List<ImportPart>?> NextAsync(int size)
    {
        using var pause = new Timer(_ => pipe.Reader.CancelPendingRead(), null, Linger, Timeout.InfiniteTimeSpan);
        while (true)
        {
            var read = await pipe.Reader.ReadAsync();
            var end = End(read, size);
            if (end is null)
            {
                pipe.Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (read.IsCanceled)
                {
                    pause.Change(Linger, Timeout.InfiniteTimeSpan);
                }

                continue;
            }

            var bytes = read.Buffer.Slice(0, end.Value).ToArray();
            pipe.Reader.AdvanceTo(end.Value);
            if (bytes.Length == 0)
            {
                return null;
            }

            var parts = ImportPart.Deal(line == 1 && bytes.AsSpan().StartsWith(ByteOrderMark) ? bytes.AsMemory(ByteOrderMark.Length) : bytes, line);
            line += bytes.AsSpan().Count((byte)'\n');
            return parts;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await closed.CancelAsync();
        await pipe.Reader.CompleteAsync();
        await stream.DisposeAsync();
    }

    /// <summary>Where the next part ends; null when more has to come first.</summary>
    private static SequencePosition? End(ReadResult read, int size)
    {
        if (read.IsCompleted && read.Buffer.Length <= size)
        {
            return read.Buffer.End;
        }

        if (read.Buffer.Length < size && !read.IsCanceled)
        {
            return null;
        }

        // The last line end within the size, else the first beyond it. A line without any end within reach is sent as it is: the service names it.
        var within = read.Buffer.Slice(0, Math.Min(size, read.Buffer.Length));
        return LastLineEnd(within) ?? (read.Buffer.Length < size ? null : read.Buffer.PositionOf((byte)'\n') is { } newline ? read.Buffer.GetPosition(1, newline) : read.Buffer.End);
    }

    private static SequencePosition? LastLineEnd(ReadOnlySequence<byte> bytes)
    {
        long after = -1, before = 0;
        foreach (var piece in bytes)
        {
            after = piece.Span.LastIndexOf((byte)'\n') is >= 0 and var at ? before + at + 1 : after;
            before += piece.Length;
        }

        return after < 0 ? null : bytes.GetPosition(after);
    }

    private async Task PumpAsync()
    {
        try
        {
            while (await stream.ReadAsync(pipe.Writer.GetMemory(64 * 1024), closed.Token) is > 0 and var read)
            {
                pumped += read;
                pipe.Writer.Advance(read);
                await pipe.Writer.FlushAsync(closed.Token);
            }

            await pipe.Writer.CompleteAsync();
        }
        catch (Exception e)
        {
            // Whoever reads is told.
            await pipe.Writer.CompleteAsync(e);
        }
    }
}
