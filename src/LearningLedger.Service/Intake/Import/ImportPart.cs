namespace LearningLedger.Service.Intake.Import;

/// <summary>Whole lines of the source that go into one request.</summary>
/// <param name="bytes">The lines.</param>
/// <param name="firstLine">Number of the first in the source, from 1.</param>
internal sealed class ImportPart(ReadOnlyMemory<byte> bytes, long firstLine)
{
    /// <summary>What is not acknowledged yet.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; } = bytes;

    /// <summary>Number of its first line in the source, from 1.</summary>
    public long FirstLine { get; private set; } = firstLine;

    /// <summary>Leaves out lines that are on disk, so that sending again begins after them.</summary>
    /// <returns>How many bytes they were.</returns>
    public int Acknowledge(int lines)
    {
        var end = 0;
        for (var i = 0; i < lines; i++)
        {
            var newline = Bytes.Span[end..].IndexOf((byte)'\n');
            end = newline < 0 ? Bytes.Length : end + newline + 1;
        }

        Bytes = Bytes[end..];
        FirstLine += lines;
        return end;
    }
}
