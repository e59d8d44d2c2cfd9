namespace LearningLedger.Integrity;

/// <summary>How a replay is put aside, so that later only the leaves that came since have to be read.</summary>
public sealed partial class LogReplay
{
    private const int EndBytes = 16 + sizeof(long) + sizeof(long);

    /// <summary>All that <see cref="Resume"/> needs: about 32 bytes for each stream. Whoever can change these bytes can hide what a log did.</summary>
    public byte[] Snapshot()
    {
        using var bytes = new MemoryStream(1024 + (ends.Count * EndBytes));
        using var writer = new BinaryWriter(bytes);
        writer.Write(edge.Size);
        foreach (var tile in edge.Partial())
        {
            writer.Write(tile.Hashes);
        }

        writer.Write(tenant ?? "");
        writer.Write(newest.Ticks);
        writer.Write(watched.Ticks);
        writer.Write(WithoutHeadsSince?.Ticks ?? 0);
        writer.Write(HeadsChecked);
        writer.Write(ends.Count);
        foreach (var (stream, end) in ends)
        {
            writer.Write(stream.ToByteArray(bigEndian: true));
            writer.Write(end.Head.Version);
            writer.Write(end.Head.LeafIndex);
        }

        if (reopened > DateTimeOffset.MinValue)
        {
            writer.Write(reopened.Ticks);
            writer.Write(newestEvent.Ticks);
        }

        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>A replay that goes on from a snapshot. Findings are not in it: only what was found in order is worth going on from.</summary>
    /// <exception cref="InvalidDataException">Not a snapshot.</exception>
    public static LogReplay Resume(byte[] snapshot, TimeSpan patience)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(snapshot));
            var replay = new LogReplay(patience);
            replay.edge = TreeEdge.Resume(reader.ReadInt64(), tile => reader.ReadBytes(tile.Width * TreeHash.Size));
            replay.edge.TakeTiles();
            replay.tenant = reader.ReadString() is { Length: > 0 } name ? name : null;
            replay.newest = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
            replay.watched = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
            replay.WithoutHeadsSince = reader.ReadInt64() is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
            replay.HeadsChecked = reader.ReadInt32();
            for (var left = reader.ReadInt32(); left > 0; left--)
            {
                var stream = new Guid(reader.ReadBytes(16), bigEndian: true);
                var end = new End(HeadsBucket.Key(stream)) { Head = new StreamHead(reader.ReadInt64(), reader.ReadInt64()), IsChanged = true };
                replay.ends.Add(stream, end);
                replay.changed.Add(end); // the first heads leaf makes all buckets anew
            }

            if (reader.BaseStream.Position < snapshot.Length)
            {
                replay.reopened = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
                replay.newestEvent = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
            }

            return reader.BaseStream.Position == snapshot.Length ? replay : throw new InvalidDataException("The snapshot of the replay is longer than it must be.");
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException)
        {
            throw new InvalidDataException($"The snapshot of the replay is damaged: {e.Message}");
        }
    }
}
