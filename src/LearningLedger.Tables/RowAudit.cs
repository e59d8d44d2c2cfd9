using System.Buffers;
using System.Diagnostics;
using LearningLedger.Integrity;
using Npgsql;

namespace LearningLedger.Tables;

/// <summary>Holds every leaf of a log against its row, and the tree against its leaves: what the database says now, and what was logged then.</summary>
/// <param name="vault">Opens the keys that salts follow from.</param>
internal sealed class RowAudit(Vault vault)
{
    private const int Page = 1_024;

    private const string Rows =
        $"""
        select n.leaf_index, n.leaf, n.seq_id, e.seq_id is not null, coalesce(e.is_archived, false), {LoggedRow.Columns}
          from tlog.entry n left join ledger.mt_events e on e.seq_id = n.seq_id and e.tenant_id = $4
          where n.log = $1 and n.leaf_index >= $2 and n.leaf_index < $3 order by n.leaf_index
        """;

    // A commit may come this long after its event took its recorded time; a claim to be older than what was logged before is no commit.
    private static readonly TimeSpan LateAtMost = TimeSpan.FromMinutes(10);

    private const string Later =
        """
        select e.stream_id, e.version from ledger.mt_events e
          where e.tenant_id = $1 and e.stream_id = any ($2) and e.type = 'learner.erased'
            and (exists (select from tlog.pending p where p.tenant_id = $1 and e.seq_id = any (p.seqs))
              or exists (select from tlog.entry n where n.log = $3 and n.seq_id = e.seq_id and n.leaf_index >= $4))
        """;

    private const string OtherContent = "Its content is not what was logged.";

    private sealed record Suspect(EventLeaf Leaf, string Difference, bool IsMasked)
    {
        public bool IsExcused(Dictionary<Guid, long> erasures) => IsMasked && Leaf.Version < erasures.GetValueOrDefault(Leaf.Stream);
    }

    private sealed record Entry(long Index, byte[] Leaf, long? Sequence, LoggedRow? Row, bool IsArchived);

    /// <summary>What does not agree.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="log">The log as it is.</param>
    /// <param name="signed">Checkpoints that its leaves must lead to, beside the log's own.</param>
    /// <param name="rest">Called after each page with the time it took.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<List<Finding>> FindAsync(
        NpgsqlConnection connection, TenantLog log, IReadOnlyCollection<Checkpoint> signed, Func<TimeSpan, Task> rest, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var suspects = new List<Suspect>();
        var erasures = new Dictionary<Guid, long>();
        var latest = DateTimeOffset.MinValue;
        var keys = await StoredKeys.OfTenantAsync(connection, vault, log.Tenant, cancellation);
        var scratch = new ArrayBufferWriter<byte>(2048);
        try
        {
            var replay = await TreeReplay.FromAsync(connection, log, 0, signed, cancellation);
            for (var from = 0L; from < log.Size; from += Page)
            {
                var began = Stopwatch.GetTimestamp();
                var page = await ReadAsync(connection, log, from, cancellation);
                await keys.ReadAsync(connection, page.Where(e => e.Row is not null).Select(e => e.Row!.Stream).ToHashSet(), cancellation);
                foreach (var entry in page)
                {
                    replay.Take(entry.Index, entry.Leaf);
                    if (LogLeaf.Parse(entry.Leaf) is not EventLeaf leaf)
                    {
                        continue;
                    }

                    if (leaf.Kind == EventLeafKind.Erasure)
                    {
                        erasures[leaf.Stream] = leaf.Version;
                    }

                    if (leaf.At + LateAtMost < latest)
                    {
                        findings.Add(Finding.BackDated(log.Tenant, leaf, entry.Index));
                    }

                    latest = leaf.At > latest ? leaf.At : latest;
                    if (entry.Row is not { } row)
                    {
                        findings.Add(Finding.LeafWithoutRow(log.Tenant, leaf, entry.Index));
                    }
                    else if (Difference(row, leaf, log.Tenant, row.IsErasure ? keys.Tenant : keys.Of(row.Stream), scratch) is { } difference)
                    {
                        suspects.Add(new(leaf, difference, row.IsMasked && difference == OtherContent));
                    }

                    if (entry.IsArchived)
                    {
                        findings.Add(Finding.Hidden(log.Tenant, leaf));
                    }
                }

                await replay.CompareTilesAsync(connection, cancellation);
                await rest(Stopwatch.GetElapsedTime(began));
            }

            replay.End();
        }
        catch (Exception e) when (e is InvalidDataException or LeafException or NoteException)
        {
            findings.Add(Finding.Altered(log.Tenant, e.Message));
        }

        // A row may be masked where a later leaf of the same stream says that its learner was erased, and may hold nothing else then.
        await AddLaterAsync(connection, log, suspects.Where(s => s.IsMasked && !s.IsExcused(erasures)).Select(s => s.Leaf.Stream).ToHashSet(), erasures, cancellation);
        findings.AddRange(suspects.Where(s => !s.IsExcused(erasures)).Select(s => Finding.RowAltered(log.Tenant, s.Leaf, s.Difference)));
        return findings;
    }

    /// <summary>Erasures whose leaves lie beyond what was looked at, or are about to be made: they were recorded together with the masking.</summary>
    private static async Task AddLaterAsync(
        NpgsqlConnection connection, TenantLog log, HashSet<Guid> streams, Dictionary<Guid, long> erasures, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Later, connection);
        command.Parameters.Add(new() { Value = log.Tenant });
        command.Parameters.Add(new() { Value = streams.ToArray() });
        command.Parameters.Add(new() { Value = log.Log });
        command.Parameters.Add(new() { Value = log.Size });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            erasures[reader.GetGuid(0)] = reader.GetInt64(1);
        }
    }

    private static string? Difference(LoggedRow row, EventLeaf leaf, string tenant, byte[] key, ArrayBufferWriter<byte> scratch)
    {
        try
        {
            var now = row.Leaf(tenant, key, scratch);
            return now == leaf ? null
                : now with { Commitment = leaf.Commitment, Encoding = leaf.Encoding } == leaf ? OtherContent
                : "Its id, type, stream, version or recorded time is not what was logged.";
        }
        catch (LeafException e)
        {
            return e.Message;
        }
    }

    private static async Task<List<Entry>> ReadAsync(NpgsqlConnection connection, TenantLog log, long from, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Rows, connection);
        command.Parameters.Add(new() { Value = log.Log });
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = Math.Min(from + Page, log.Size) });
        command.Parameters.Add(new() { Value = log.Tenant });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var page = new List<Entry>(Page);
        while (await reader.ReadAsync(cancellation))
        {
            page.Add(new(
                reader.GetInt64(0), reader.GetFieldValue<byte[]>(1), reader.IsDBNull(2) ? null : reader.GetInt64(2),
                reader.GetBoolean(3) ? LoggedRow.Read(reader, 5) : null, reader.GetBoolean(4)));
        }

        return page;
    }
}
