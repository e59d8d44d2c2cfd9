using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Integrity;
using LearningLedger.Mappings;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Xapi.Mappings;

/// <summary>The events that follow from statements about to be stored, for the same append: what they mean by the mappings, and what voiding takes back.</summary>
/// <remarks>Their ids are UUIDv5 of <c>["mapped",statement event id,n]</c>, so that whoever holds a statement's event finds what it gave.</remarks>
public sealed class MappedEvents(MappingCatalogue catalogue, Vault vault)
{
    private const string VoidedReason = "statement-voided";

    private sealed record Meaning(StatementRow Row, IReadOnlyList<MappedFact> Facts)
    {
        public IEnumerable<GivenEvent> Given => Facts.Select((fact, i) => (Fact: fact, N: i + 1)).Where(f => f.Fact is not MappedFact.Doubt)
            .Select(f => new GivenEvent(
                LedgerIds.Mapped(Row.EventId, f.N), f.N, Row.Tenant, Row.Stream, EventCatalog.Of(f.Fact is MappedFact.Attempt ? typeof(SkillAttempted) : typeof(EvidenceSubmitted)).Name));
    }

    /// <summary>The events that follow, in the order of the statements; empty where no mapping was ever published.</summary>
    /// <param name="connection">In the transaction that stores the statements, which holds the tenants' turn.</param>
    /// <param name="taken">What was asked with the turn.</param>
    /// <param name="rows">Statements that are not stored yet.</param>
    /// <param name="cancellation">Gives up.</param>
    internal async Task<List<ReadyEvent>> OfAsync(
        NpgsqlConnection connection, StatementIndex.Taken taken, IReadOnlyList<StatementRow> rows, CancellationToken cancellation)
    {
        var mappings = await catalogue.OfAsync(connection, taken.Mappings, cancellation);
        var concerned = rows.Where(r => mappings.ContainsKey(r.Tenant)).ToList();
        if (concerned.Count == 0)
        {
            return [];
        }

        var meanings = concerned.Select(row => new Meaning(row, Facts(mappings[row.Tenant], row))).Where(m => m.Facts.Count > 0).ToList();
        var ready = meanings.SelectMany(m => m.Facts.Select((fact, i) => Ready(m.Row, i + 1, fact)).OfType<ReadyEvent>()).ToList();
        var (voided, undone) = await VoidedAsync(connection, taken.Referred, concerned, meanings, cancellation);
        ready.AddRange(voided);
        ready.AddRange(await DoubtsAsync(connection, rows, ready, meanings.Where(m => !undone.Contains(m.Row.EventId)), cancellation));
        return ready;
    }

    private static IReadOnlyList<MappedFact> Facts(IReadOnlyList<MappingDefinition> mappings, StatementRow row)
    {
        if (row.Family != StreamFamily.Learner || !StatementMapping.Concerns(mappings, row.Statement.Verb, row.Statement.Activity))
        {
            return [];
        }

        using var statement = JsonDocument.Parse(row.Statement.Kept);
        return StatementMapping.Of(mappings, statement.RootElement);
    }

    private static ReadyEvent? Ready(StatementRow row, int n, MappedFact fact)
    {
        var id = LedgerIds.Mapped(row.EventId, n);
        return fact switch
        {
            MappedFact.Attempt attempt => Ready(row, id, row.Stream, row.Key, attempt.Event, Voider.Of(row)),
            MappedFact.Evidence e => Ready(
                row, id, row.Stream, row.Key,
                new EvidenceSubmitted(
                    id, e.Skills, e.MediaType, e.Size, e.Sha256,
                    Vault.Seal(row.Key, id, "location", e.FileUrl ?? $"{PostStatementsEndpoint.Route}?statementId={row.Statement.Id:D}&attachments=true")!, e.Milestone,
                    Vault.Seal(row.Key, id, "title", e.Title)),
                Voider.Of(row)),
            _ => null,
        };
    }

    /// <summary>An event in a learner's stream that a statement caused.</summary>
    private static ReadyEvent Ready(StatementRow row, Guid id, Guid stream, byte[] key, ILedgerEvent body, Voider cause)
    {
        var type = EventCatalog.Of(body.GetType()).Name;
        var json = JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), LedgerJson.Options);
        var fingerprint = Fingerprint.Of(key, type, stream.ToString("D"), cause.Occurred, CanonicalJson.Bytes(JsonSerializer.SerializeToElement(body, body.GetType(), LedgerJson.Options)));
        return new ReadyEvent(
            id, row.Tenant, stream, StoredNames.Of(StreamFamily.Learner), type, json, EventHeaders.Json(cause.Occurred, cause.Source, cause.Actor, fingerprint, sent: null),
            fingerprint, row.Request.CorrelationId, row.Request.Caller.KeyId)
        { Causation = cause.EventId.ToString("D") };
    }

    /// <summary>What voiding takes back, in whichever order a statement and the one that voids it come; and the events of the statements here that are void at once.</summary>
    private async Task<(List<ReadyEvent> Events, HashSet<Guid> Undone)> VoidedAsync(
        NpgsqlConnection connection, bool referred, List<StatementRow> rows, List<Meaning> meanings, CancellationToken cancellation)
    {
        var undone = new HashSet<Guid>();
        var events = new List<ReadyEvent>();
        var voiding = rows.Where(r => r.Statement.Voiding).ToList();
        var earlier = await Voidings.StoredVoidersAsync(connection, referred ? [.. meanings.Select(m => m.Row)] : [], cancellation);
        foreach (var meaning in meanings)
        {
            var voider = earlier.GetValueOrDefault((meaning.Row.Tenant, meaning.Row.Statement.Id))
                ?? (voiding.Find(v => v.Tenant == meaning.Row.Tenant && v.Statement.Target == meaning.Row.Statement.Id) is { } together ? Voider.Of(together) : null);
            if (voider is not null && undone.Add(meaning.Row.EventId))
            {
                events.AddRange(meaning.Given.Select(g => Undo(meaning.Row, g, meaning.Row.Key, voider)));
            }
        }

        var targets = await Voidings.StoredTargetsAsync(connection, voiding, cancellation);
        var given = await Voidings.GivenAsync(connection, [.. targets.Select(t => t.StatementEvent)], cancellation);
        foreach (var (voider, target) in targets)
        {
            foreach (var one in given[target])
            {
                if (await StreamKeys.OfLearnerAsync(connection, vault, one.Tenant, one.Stream, cancellation) is { } key)
                {
                    events.Add(Undo(voiding.First(v => v.EventId == voider.EventId), one, key, voider));
                }
            }
        }

        return (events, undone);
    }

    private static ReadyEvent Undo(StatementRow row, GivenEvent given, byte[] key, Voider voider) => Ready(
        row, LedgerIds.Mapped(voider.EventId, given.N), given.Stream, key,
        given.Type == "skill.attempted" ? new AttemptVoided(given.EventId, VoidedReason) : new EvidenceWithdrawn(given.EventId, VoidedReason), voider);

    /// <summary>Flags of awards that rest on what a platform takes back.</summary>
    private static async Task<List<ReadyEvent>> DoubtsAsync(
        NpgsqlConnection connection, IReadOnlyList<StatementRow> rows, List<ReadyEvent> ready, IEnumerable<Meaning> meanings, CancellationToken cancellation)
    {
        var doubting = meanings.Where(m => m.Facts.Any(f => f is MappedFact.Doubt)).ToList();
        var flags = new List<ReadyEvent>();
        if (doubting.Count == 0)
        {
            return flags;
        }

        // Nothing may be awarded on it between the look and the commit. All streams of this commit in the order of every append, lest two commits wait for each other.
        await using (var locking = new NpgsqlCommand(
            "select from ledger.mt_streams where (tenant_id, id) in (select * from unnest($1, $2)) order by id for update", connection))
        {
            var streams = rows.Select(r => (r.Tenant, r.Stream)).Concat(ready.Select(r => (r.Tenant, r.Stream))).Distinct().ToList();
            locking.Parameters.Add(new() { Value = streams.Select(s => s.Tenant).ToArray() });
            locking.Parameters.Add(new() { Value = streams.Select(s => s.Stream).ToArray() });
            await locking.ExecuteNonQueryAsync(cancellation);
        }

        var flagged = new HashSet<Guid>();
        foreach (var meaning in doubting)
        {
            var row = meaning.Row;
            var stream = (await LearnerHistory.ReadAsync(connection, row.Tenant, row.Stream, cancellation)).All;
            var n = meaning.Facts.Count;
            foreach (var flag in meaning.Facts.OfType<MappedFact.Doubt>().SelectMany(d => DoubtedAwards.Of(row.Stream, stream, d, row.EventId)).Where(f => flagged.Add(f.Award)))
            {
                flags.Add(Ready(row, LedgerIds.Mapped(row.EventId, ++n), row.Stream, row.Key, flag, Voider.Of(row)));
            }
        }

        return flags;
    }
}
