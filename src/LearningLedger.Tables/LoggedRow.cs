using System.Buffers;
using LearningLedger.Integrity;
using Npgsql;

namespace LearningLedger.Tables;

/// <summary>An event's row as PostgreSQL prints it: what its leaf is made from, and what a proof of its content discloses.</summary>
/// <param name="Sequence">Global order number.</param>
/// <param name="EventId">The event.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Version">Its version in the stream.</param>
/// <param name="Type">Stored name.</param>
/// <param name="At">Recorded time, whole microseconds.</param>
/// <param name="Data">The body, UTF-8.</param>
/// <param name="Headers">The headers likewise; empty for null.</param>
/// <param name="Correlation">Correlation id, or null.</param>
/// <param name="Causation">Causation id, or null.</param>
/// <param name="User">User name, or null.</param>
public sealed record LoggedRow(
    long Sequence, Guid EventId, Guid Stream, long Version, string Type, DateTimeOffset At, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Headers,
    string? Correlation, string? Causation, string? User)
{
    /// <summary>The columns <see cref="Read"/> takes, in order, of <c>ledger.mt_events e</c>.</summary>
    public const string Columns =
        "e.seq_id, e.id, e.stream_id, e.version, e.type, e.timestamp, e.data::text, e.headers::text, e.correlation_id, e.causation_id, e.user_name";

    /// <summary>Whether it is the event that erases what came before it. Its own salt follows from the tenant's key, or it would go with the learner's.</summary>
    public bool IsErasure => Type == "learner.erased";

    /// <summary>Whether it holds no content, as the rows of an erased learner.</summary>
    public bool IsMasked => Data.Span.SequenceEqual("{}"u8);

    /// <summary>Reads a row of <see cref="Columns"/>.</summary>
    /// <param name="row">The row.</param>
    /// <param name="first">Where they begin.</param>
    public static LoggedRow Read(NpgsqlDataReader row, int first = 0)
    {
        return new(
            row.GetInt64(first), row.GetGuid(first + 1), row.GetGuid(first + 2), row.GetInt64(first + 3), row.GetString(first + 4),
            row.GetFieldValue<DateTimeOffset>(first + 5), row.GetFieldValue<byte[]>(first + 6), row.IsDBNull(first + 7) ? default : row.GetFieldValue<byte[]>(first + 7),
            Text(first + 8), Text(first + 9), Text(first + 10));

        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
    }

    /// <summary>Appends the content the leaf commits to.</summary>
    public PayloadEncoding WritePayload(ArrayBufferWriter<byte> output) => EventPayload.Write(output, Data, Headers, Correlation, Causation, User);

    /// <summary>The event's leaf.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="key">What the salt follows from, the learner's for a learner's stream, the tenant's for every other and for erasures.</param>
    /// <param name="scratch">Room to write in; what it holds is lost.</param>
    /// <exception cref="LeafException">A name in the row holds characters no leaf can hold.</exception>
    public EventLeaf Leaf(string tenant, byte[] key, ArrayBufferWriter<byte> scratch)
    {
        scratch.ResetWrittenCount();
        var encoding = WritePayload(scratch);
        Span<byte> salt = stackalloc byte[Commitment.SaltBytes];
        Commitment.Salt(key, EventId, salt);
        return new EventLeaf(At, Commitment.Of(salt, scratch.WrittenSpan), encoding, EventId, Kind, Version, Stream, tenant, Type);
    }

    private EventLeafKind Kind => IsErasure ? EventLeafKind.Erasure : EventLeafKind.Event;
}
