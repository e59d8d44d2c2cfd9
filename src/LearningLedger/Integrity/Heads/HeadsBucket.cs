using System.Buffers.Binary;

namespace LearningLedger.Integrity;

/// <summary>Where a stream ends.</summary>
/// <param name="Version">Its last version.</param>
/// <param name="LeafIndex">Index of that version's leaf.</param>
public readonly record struct StreamHead(long Version, long LeafIndex);

/// <summary>
/// The heads of all streams, so arranged that one can be shown to be there once, or not at all. A stream's key is SHA-256 of its id (16 bytes, network
/// order); the first two bytes of the key, big-endian, are its bucket. A bucket's content is one entry after the other, strictly rising by key: key (32 bytes),
/// last version, index of its leaf (8 bytes each, big-endian). The contents are the 65,536 leaves of an RFC 6962 tree, see <see cref="HeadsTree"/>.
/// </summary>
/// <remarks>
/// Whoever holds a bucket's whole content sees at once which version a stream has, that it has no other, or that it does not exist: no structure of
/// our own is to be trusted, only an ordinary inclusion proof. A million streams make buckets of some 15 entries. The other keys in a
/// bucket tell nothing to those who do not know the (random) ids of the streams.
/// </remarks>
public static class HeadsBucket
{
    /// <summary>Bytes of an entry.</summary>
    public const int EntryBytes = TreeHash.Size + sizeof(long) + sizeof(long);

    /// <summary>The key of a stream.</summary>
    public static byte[] Key(Guid stream)
    {
        Span<byte> name = stackalloc byte[16];
        stream.TryWriteBytes(name, bigEndian: true, out _);
        return Sha256.Of(name);
    }

    /// <summary>The bucket of a stream, 0 to 65,535.</summary>
    public static int Of(Guid stream) => Of(Key(stream));

    /// <summary>The bucket with the head of one more stream, or a later head of one it has.</summary>
    /// <param name="content">The bucket's content.</param>
    /// <param name="stream">A stream of this bucket.</param>
    /// <param name="head">Its head.</param>
    public static byte[] With(ReadOnlySpan<byte> content, Guid stream, StreamHead head) => With(content, Key(stream), head);

    internal static byte[] With(ReadOnlySpan<byte> content, byte[] key, StreamHead head)
    {
        var place = Place(content, key, out var found);
        var rest = content[(found ? place + EntryBytes : place)..];
        var changed = new byte[place + EntryBytes + rest.Length];
        content[..place].CopyTo(changed);
        key.CopyTo(changed, place);
        BinaryPrimitives.WriteInt64BigEndian(changed.AsSpan(place + TreeHash.Size), head.Version);
        BinaryPrimitives.WriteInt64BigEndian(changed.AsSpan(place + TreeHash.Size + sizeof(long)), head.LeafIndex);
        rest.CopyTo(changed.AsSpan(place + EntryBytes));
        return changed;
    }

    /// <summary>The head of a stream; null: the stream does not exist.</summary>
    /// <param name="content">The content of the stream's bucket, see <see cref="IsContent"/>.</param>
    /// <param name="stream">The stream.</param>
    public static StreamHead? Find(ReadOnlySpan<byte> content, Guid stream)
    {
        var place = Place(content, Key(stream), out var found);
        return found
            ? new StreamHead(
                BinaryPrimitives.ReadInt64BigEndian(content[(place + TreeHash.Size)..]),
                BinaryPrimitives.ReadInt64BigEndian(content[(place + TreeHash.Size + sizeof(long))..]))
            : null;
    }

    /// <summary>Whether bytes can be the content of a bucket: whole entries, their keys this bucket's and strictly rising.</summary>
    public static bool IsContent(ReadOnlySpan<byte> content, int bucket)
    {
        ReadOnlySpan<byte> before = default;
        for (; content.Length >= EntryBytes; content = content[EntryBytes..])
        {
            var key = content[..TreeHash.Size];
            if (Of(key) != bucket || before.SequenceCompareTo(key) >= 0)
            {
                return false;
            }

            before = key;
        }

        return content.IsEmpty;
    }

    internal static int Of(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadUInt16BigEndian(key);

    private static int Place(ReadOnlySpan<byte> content, ReadOnlySpan<byte> key, out bool found)
    {
        for (var place = 0; place < content.Length; place += EntryBytes)
        {
            var order = content.Slice(place, TreeHash.Size).SequenceCompareTo(key);
            if (order >= 0)
            {
                found = order == 0;
                return place;
            }
        }

        found = false;
        return content.Length;
    }
}
