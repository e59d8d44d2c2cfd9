using System.Buffers;

namespace LearningLedger.Service.Intake;

/// <summary>Lines of a stream that are recorded together or not at all.</summary>
public sealed class StreamChunk
{
    private readonly ArrayBufferWriter<byte> bytes = new(64 * 1024);
    private readonly List<(int Line, int Start, int Length)> events = [];

    /// <summary>Which chunk of the stream, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>Position of its first event in the stream, from 0.</summary>
    public int FirstIndex { get; private set; }

    /// <summary>Number of its first line, from 1.</summary>
    public int From { get; private set; }

    /// <summary>Number of its last line.</summary>
    public int To { get; private set; }

    /// <summary>How many events it holds: its lines without the blank ones.</summary>
    public int Count => events.Count;

    /// <summary>How many bytes they take.</summary>
    public int Bytes => bytes.WrittenCount;

    /// <summary>Its event at a position from 0, as posted.</summary>
    public ReadOnlyMemory<byte> this[int i] => bytes.WrittenMemory.Slice(events[i].Start, events[i].Length);

    /// <summary>Number of the line an event stands on.</summary>
    /// <param name="index">The event's position in the stream, from 0.</param>
    public int LineOf(int index) => events[index - FirstIndex].Line;

    /// <summary>Begins it anew; its memory is used again.</summary>
    /// <param name="number">Which chunk of the stream.</param>
    /// <param name="firstIndex">Position of its first event in the stream.</param>
    /// <param name="from">Number of its first line.</param>
    public void Begin(int number, int firstIndex, int from)
    {
        (Number, FirstIndex, From, To) = (number, firstIndex, from, from - 1);
        bytes.ResetWrittenCount();
        events.Clear();
    }

    /// <summary>Adds the next line, unless it is blank.</summary>
    public void Add(int line, ReadOnlySequence<byte> content)
    {
        To = line;
        if (IsBlank(content))
        {
            return;
        }

        events.Add((line, bytes.WrittenCount, (int)content.Length));
        foreach (var piece in content)
        {
            bytes.Write(piece.Span);
        }
    }

    private static bool IsBlank(ReadOnlySequence<byte> content)
    {
        foreach (var piece in content)
        {
            if (piece.Span.IndexOfAnyExcept((byte)' ', (byte)'\t', (byte)'\r') >= 0)
            {
                return false;
            }
        }

        return true;
    }
}
