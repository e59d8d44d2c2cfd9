using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using LearningLedger.Service.Host;

namespace LearningLedger.Service.Intake;

/// <summary>Why a stream of events ended.</summary>
public enum StreamEnd
{
    /// <summary>It has not.</summary>
    Open,

    /// <summary>The sender has said all.</summary>
    Complete,

    /// <summary>A line is longer than <see cref="Limits.StreamLineBytes"/>.</summary>
    LineTooLong,

    /// <summary>It holds more lines than can be numbered.</summary>
    TooManyLines,

    /// <summary>Nothing came for <see cref="Limits.StreamIdle"/>.</summary>
    Idle,

    /// <summary>The service stops.</summary>
    Stopping,
}

/// <summary>Cuts a request's body into chunks of whole lines, in memory that does not grow with the request.</summary>
/// <param name="body">The body; read by nobody else.</param>
/// <param name="most">Events of a chunk.</param>
/// <param name="linger">How long a chunk that is not full waits for the next byte.</param>
/// <param name="idle">How long a sender may say nothing at all.</param>
/// <param name="stopping">Ends the stream at the next opportunity.</param>
public sealed class ChunkReader(PipeReader body, int most, TimeSpan linger, TimeSpan idle, CancellationToken stopping)
{
    private readonly ArrayBufferWriter<byte> unfinished = new();
    private readonly ConcurrentBag<StreamChunk> free = [];
    private Task<ReadResult>? reading;
    private int chunks;
    private int lines;
    private int events;

    /// <summary>Why there is no further chunk.</summary>
    public StreamEnd End { get; private set; }

    /// <summary>Number of the line reading has come to, from 1.</summary>
    public int Line => lines + 1;

    /// <summary>The next chunk: full, or what has come when the sender pauses or the stream ends; null when there is none.</summary>
    public async Task<StreamChunk?> NextAsync()
    {
        End = End == StreamEnd.Open && stopping.IsCancellationRequested ? StreamEnd.Stopping : End;
        var chunk = free.TryTake(out var used) ? used : new StreamChunk();
        chunk.Begin(chunks + 1, events, lines + 1);
        while (End == StreamEnd.Open && !IsFull(chunk) && await ArrivesAsync(chunk))
        {
            var read = await reading!;
            reading = null;
            var rest = new SequenceReader<byte>(read.Buffer);
            Take(ref rest, chunk);
            if (read.IsCompleted && rest.End && End == StreamEnd.Open && !IsFull(chunk)
                && (unfinished.WrittenCount == 0 || Finish(chunk, ReadOnlySequence<byte>.Empty)))
            {
                End = StreamEnd.Complete;
            }

            body.AdvanceTo(rest.Position, rest.End ? read.Buffer.End : rest.Position);
        }

        if (chunk.Count == 0)
        {
            return null;
        }

        chunks++;
        events += chunk.Count;
        return chunk;
    }

    /// <summary>Gives a chunk back that is done with; its memory serves the next.</summary>
    public void Release(StreamChunk chunk) => free.Add(chunk);

    /// <summary>Lets go of the body, whether it was read to its end or not.</summary>
    public async Task CloseAsync()
    {
        if (reading is null)
        {
            return;
        }

        body.CancelPendingRead();
        await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (reading.IsCompletedSuccessfully)
        {
            body.AdvanceTo(reading.Result.Buffer.Start);
        }
    }

    private bool IsFull(StreamChunk chunk) => chunk.Count >= most || chunk.Bytes >= Limits.ChunkBytes;

    /// <summary>Whether there is something to read; false when what has come is to be recorded now, or nothing will come.</summary>
    private async ValueTask<bool> ArrivesAsync(StreamChunk chunk)
    {
        // Never cancelled by a token: the server's reader would then believe for ever that a read is under way.
        reading ??= body.ReadAsync(CancellationToken.None).AsTask();
        if (reading.IsCompleted)
        {
            return true;
        }

        await ((Task)reading).WaitAsync(chunk.Count > 0 ? linger : idle, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!reading.IsCompleted)
        {
            End = stopping.IsCancellationRequested ? StreamEnd.Stopping : chunk.Count > 0 ? StreamEnd.Open : StreamEnd.Idle;
            return false;
        }

        return true;
    }

    private void Take(ref SequenceReader<byte> from, StreamChunk chunk)
    {
        while (!IsFull(chunk) && from.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
        {
            if (!Finish(chunk, line))
            {
                return;
            }
        }

        if (!IsFull(chunk))
        {
            Keep(from.UnreadSequence);
            from.AdvanceToEnd();
        }
    }

    /// <summary>Adds what is kept of a line, and its end, to the chunk.</summary>
    private bool Finish(StreamChunk chunk, ReadOnlySequence<byte> end)
    {
        if (lines == int.MaxValue - 1)
        {
            End = StreamEnd.TooManyLines;
            return false;
        }

        if (unfinished.WrittenCount > 0 || end.Length > Limits.StreamLineBytes)
        {
            if (!Keep(end))
            {
                return false;
            }

            chunk.Add(++lines, new(unfinished.WrittenMemory));
            unfinished.ResetWrittenCount();
        }
        else
        {
            chunk.Add(++lines, end);
        }

        return true;
    }

    private bool Keep(ReadOnlySequence<byte> part)
    {
        if (unfinished.WrittenCount + part.Length > Limits.StreamLineBytes)
        {
            End = StreamEnd.LineTooLong;
            return false;
        }

        foreach (var piece in part)
        {
            unfinished.Write(piece.Span);
        }

        return true;
    }
}
