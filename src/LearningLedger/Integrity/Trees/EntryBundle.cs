using System.Buffers;
using System.Buffers.Binary;

namespace LearningLedger.Integrity;

/// <summary>A bundle of up to 256 log entries as C2SP tlog-tiles stores them: each behind its length, two bytes, big-endian.</summary>
public static class EntryBundle
{
    /// <summary>Bytes of the largest entry.</summary>
    public const int LargestEntry = ushort.MaxValue;

    /// <summary>Appends an entry.</summary>
    /// <exception cref="ArgumentException">It is larger than <see cref="LargestEntry"/>.</exception>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> entry)
    {
        if (entry.Length > LargestEntry)
        {
            throw new ArgumentException($"An entry of {entry.Length} bytes is larger than {LargestEntry}.", nameof(entry));
        }

        BinaryPrimitives.WriteUInt16BigEndian(output.GetSpan(2), (ushort)entry.Length);
        output.Advance(2);
        output.Write(entry);
    }

    /// <summary>Takes the next entry off <paramref name="bundle"/>; false at its end.</summary>
    /// <exception cref="InvalidDataException">The bundle is cut short.</exception>
    public static bool TryRead(ref ReadOnlySpan<byte> bundle, out ReadOnlySpan<byte> entry)
    {
        entry = default;
        if (bundle.IsEmpty)
        {
            return false;
        }

        if (bundle.Length < 2 || bundle.Length - 2 < BinaryPrimitives.ReadUInt16BigEndian(bundle))
        {
            throw new InvalidDataException("An entry bundle is cut short.");
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(bundle);
        entry = bundle.Slice(2, length);
        bundle = bundle[(2 + length)..];
        return true;
    }
}
