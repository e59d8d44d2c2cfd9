using System.Buffers;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace LearningLedger.Service.Intake.Import;

/// <summary>Whole lines of the source that go into one request.</summary>
/// <param name="bytes">The lines.</param>
/// <param name="numbers">The number of each in the source, from 1, rising.</param>
internal sealed class ImportPart(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<long> numbers)
{
    /// <summary>Parts that are sent at once: as many as the service commits at once.</summary>
    public const int Lanes = 2;

    /// <summary>What is not acknowledged yet.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; } = bytes;

    /// <summary>Numbers of its lines in the source.</summary>
    public ReadOnlyMemory<long> Numbers { get; private set; } = numbers;

    /// <summary>
    /// Deals lines out so that parts can be sent at once and yet everything about a learner is recorded in the order of the source: lines of one
    /// <c>subject</c> are in one part. A line that names none is in the first; the service says what is wrong with it.
    /// </summary>
    /// <param name="lines">Whole lines.</param>
    /// <param name="firstLine">Number of the first in the source, from 1.</param>
    /// <returns>Up to <see cref="Lanes"/> parts, none of them empty.</returns>
    public static List<ImportPart> Deal(ReadOnlyMemory<byte> lines, long firstLine)
    {
        var (bytes, numbers) = (new ArrayBufferWriter<byte>[Lanes], new List<long>[Lanes]);
        for (var i = 0; i < Lanes; i++)
        {
            (bytes[i], numbers[i]) = (new ArrayBufferWriter<byte>(Math.Max(1, lines.Length / Lanes)), []);
        }

        for (var rest = lines.Span; !rest.IsEmpty; firstLine++)
        {
            var end = rest.IndexOf((byte)'\n') + 1;
            var line = end == 0 ? rest : rest[..end];
            var lane = Lane(line);
            bytes[lane].Write(line);
            numbers[lane].Add(firstLine);
            rest = rest[line.Length..];
        }

        return [.. Enumerable.Range(0, Lanes).Where(i => numbers[i].Count > 0).Select(i => new ImportPart(bytes[i].WrittenMemory, numbers[i].ToArray()))];
    }

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

        (Bytes, Numbers) = (Bytes[end..], Numbers[lines..]);
        return end;
    }

    private static int Lane(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            for (reader.Read(); reader.Read() && reader.TokenType == JsonTokenType.PropertyName;)
            {
                var isSubject = reader.ValueTextEquals("subject"u8);
                reader.Read();
                if (isSubject && reader.TokenType == JsonTokenType.String)
                {
                    // Not by HashCode, which is another in each process: run again, the same lines go together.
                    var sum = 0u;
                    foreach (var b in reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan)
                    {
                        sum = BitOperations.Crc32C(sum, b);
                    }

                    return (int)(sum % Lanes);
                }

                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not for us to judge.
        }

        return 0;
    }
}
