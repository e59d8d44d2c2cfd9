using System.Buffers;
using System.Text.Json;
using LearningLedger.Bundles;
using LearningLedger.Events;
using LearningLedger.Integrity;
using LearningLedger.Links;
using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>A learner's events with their leaves and the log around them, all from one snapshot of the database.</summary>
/// <param name="Log">Number of the log.</param>
/// <param name="Size">Leaves the checkpoint covers.</param>
/// <param name="Checkpoint">The signed checkpoint; null before the first.</param>
/// <param name="HeadsIndex">Where the last heads leaf lies; null before the first.</param>
/// <param name="HeadsCovered">The leaves it speaks of.</param>
/// <param name="Events">The stream by version; the leaf is null where there is none yet.</param>
public sealed record StreamProof(
    int Log, long Size, string? Checkpoint, long? HeadsIndex, long HeadsCovered, IReadOnlyList<(LoggedRow Row, long? Index, byte[]? Leaf)> Events)
{
    private const string Stream =
        $"""
        select {LoggedRow.Columns}, n.leaf_index, n.leaf from ledger.mt_events e left join tlog.entry n on n.log = $3 and n.seq_id = e.seq_id
          where e.tenant_id = $1 and e.stream_id = $2 order by e.version
        """;

    /// <summary>Whether the checkpoint covers every event, and the heads too.</summary>
    public bool IsCovered => Events.All(e => e.Index < Size) && (HeadsIndex is null || HeadsIndex < Size);

    /// <summary>Whether the heads speak of every event, so that the bundle can show it is complete.</summary>
    public bool IsComplete => IsCovered && HeadsIndex is not null && Events.All(e => e.Index < HeadsCovered);

    /// <summary>Reads; <paramref name="connection"/> is in a repeatable-read transaction.</summary>
    public static async Task<StreamProof> ReadAsync(NpgsqlConnection connection, string tenant, Guid learner, CancellationToken cancellation)
    {
        var proof = new StreamProof(0, 0, null, null, 0, []);
        await using (var log = new NpgsqlCommand(
            "select log, checkpoint_size, checkpoint, heads_index, heads_covered from tlog.log where tenant = $1 order by epoch desc limit 1", connection))
        {
            log.Parameters.Add(new() { Value = tenant });
            await using var row = await log.ExecuteReaderAsync(cancellation);
            if (await row.ReadAsync(cancellation))
            {
                proof = new StreamProof(
                    row.GetInt32(0), row.GetInt64(1), row.IsDBNull(2) ? null : row.GetString(2), row.IsDBNull(3) ? null : row.GetInt64(3), row.GetInt64(4), []);
            }
        }

        await using var command = new NpgsqlCommand(Stream, connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = learner });
        command.Parameters.Add(new() { Value = proof.Log });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var events = new List<(LoggedRow, long?, byte[]?)>();
        while (await reader.ReadAsync(cancellation))
        {
            events.Add((LoggedRow.Read(reader), reader.IsDBNull(11) ? null : reader.GetInt64(11), reader.IsDBNull(12) ? null : reader.GetFieldValue<byte[]>(12)));
        }

        return proof with { Events = events };
    }

    /// <summary>
    /// The events up to a moment in the past; up to a time also the next one, which shows that it came later. Of an erased learner all of them: the
    /// last says why the others have no content.
    /// </summary>
    public (StreamProof Proof, BundleAsOf? AsOf) At(AsOf? asOf)
    {
        if (asOf is null)
        {
            return (this, null);
        }

        var count = Events.TakeWhile(e => asOf.Time is { } time ? e.Row.At <= time : e.Row.Sequence <= asOf.Sequence).Count();
        if (Events is [.., { Row.IsErasure: true }])
        {
            return (count > 0 ? this : this with { Events = [] }, asOf.Time is null ? new BundleAsOf(null, count) : new BundleAsOf(asOf.Time, null));
        }

        return asOf.Time is null
            ? (this with { Events = [.. Events.Take(count)] }, new BundleAsOf(null, count))
            : (this with { Events = [.. Events.Take(count + 1)] }, new BundleAsOf(asOf.Time, null));
    }

    /// <summary>The learners linked to the one whose stream this is, at its end.</summary>
    /// <exception cref="JsonException">A row is not the event it says it is.</exception>
    public IReadOnlyList<Guid> Linked() => LinkedStreams.At(
        Events.Where(e => e.Row.Type is "learner.linked" or "learner.unlinked" && e.Row.Data.Length > 2)
            .Select(e => (ILedgerEvent)JsonSerializer.Deserialize(e.Row.Data.Span, EventCatalog.Find(e.Row.Type)!.Body, LedgerJson.Options)!));

    /// <summary>The stream as a bundle has it; all of it must be covered.</summary>
    /// <param name="connection">In the transaction this was read in.</param>
    /// <param name="vault">Opens stream keys.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="learner">The learner.</param>
    /// <param name="asOf">What <see cref="At"/> gave.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="BundleException">A row is not an event that this version knows.</exception>
    public async Task<BundleStream> BundleAsync(NpgsqlConnection connection, Vault vault, string tenant, Guid learner, BundleAsOf? asOf, CancellationToken cancellation)
    {
        // A learner without a key is erased: nothing they did is shown, and nobody can.
        var key = await StreamKeys.OfLearnerAsync(connection, vault, tenant, learner, cancellation);
        var tenantKey = Events.Any(e => e.Row.IsErasure) ? await StreamKeys.OfTenantAsync(connection, vault, tenant, cancellation) : null;
        var plans = Events.Select(e => ProofPlan.Inclusion(e.Index!.Value, Size)).ToList();
        var heads = HeadsIndex is { } index ? ProofPlan.Inclusion(index, Size) : null;
        var tiles = await StoredTiles.LoadAsync(
            connection, Log, [.. plans.Concat(heads is null ? [] : [heads]).SelectMany(p => p.Tiles).Distinct()], cancellation);
        var (entries, payload, salt) = (new List<BundleEntry>(), new ArrayBufferWriter<byte>(2048), new byte[Commitment.SaltBytes]);
        var within = Events.TakeWhile(e => e.Row.At <= (asOf?.Recorded ?? DateTimeOffset.MaxValue) && e.Row.Version <= (asOf?.Version ?? long.MaxValue)).Count();
        for (var i = 0; i < Events.Count; i++)
        {
            var (row, at, leaf) = Events[i];
            payload.ResetWrittenCount();
            if ((row.IsErasure ? tenantKey : key) is { } shown && i < within)
            {
                row.WritePayload(payload);
                Commitment.Salt(shown, row.EventId, salt);
            }

            entries.Add(BundleEntry.Of(at!.Value, leaf, plans[i].Hashes(tiles), payload.WrittenSpan, salt));
        }

        return new BundleStream(entries, heads is null ? null : await HeadsAsync(connection, learner, heads.Hashes(tiles), cancellation), learner);
    }

    private async Task<BundleHeads> HeadsAsync(NpgsqlConnection connection, Guid learner, TreeHash[] path, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select leaf from tlog.entry where log = $1 and leaf_index = $2", connection);
        command.Parameters.Add(new() { Value = Log });
        command.Parameters.Add(new() { Value = HeadsIndex!.Value });
        var leaf = (HeadsLeaf)LogLeaf.Parse((byte[])(await command.ExecuteScalarAsync(cancellation))!);
        var bucket = HeadsBucket.Of(learner);
        var content = await StoredHeads.BucketsAsync(connection, Log, [bucket], cancellation);
        var tree = await StoredHeads.TreeAsync(connection, Log, cancellation);
        return BundleHeads.Of(HeadsIndex.Value, leaf, path, content.GetValueOrDefault(bucket) ?? [], tree.Path(bucket));
    }
}
