using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>The events that have no leaf yet, in pages, and the trigger that notes every appended event there.</summary>
public static class Outbox
{
    /// <summary>SQL that notes the rows (<c>tenant_id</c>, <c>seq_id</c>) of a query; as schema script 0036_outbox_single does for what is appended.</summary>
    /// <param name="rows">The query. One of its rows noted before stays noted once, if on the same page.</param>
    public static string Note(string rows) =>
        $"""
        insert into tlog.pending as k (tenant_id, first_seq, seqs)
          select p.tenant_id, min(p.seq_id), array_agg(p.seq_id order by p.seq_id)
          from (select r.tenant_id, r.seq_id, (row_number() over (partition by r.tenant_id order by r.seq_id) - 1) / 128 as page from ({rows}) r) p
          group by p.tenant_id, p.page
          on conflict (tenant_id, first_seq) do update set seqs = (select array_agg(distinct s order by s) from unnest(k.seqs || excluded.seqs) s)
        """;

    /// <summary>Refuses to start without it: whatever was appended then would be in no log.</summary>
    /// <exception cref="LedgerStartException">It is missing or disabled.</exception>
    public static async Task CheckAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "select tgenabled::text from pg_trigger where tgrelid = 'ledger.mt_events'::regclass and tgname = 'note_appended' and not tgisinternal");
        switch ((string?)await command.ExecuteScalarAsync(cancellation))
        {
            case "O" or "A":
                return;
            case null:
                throw new LedgerStartException(
                    "The trigger note_appended on ledger.mt_events is missing: what is appended would be in no log. Bring it back as schema scripts 0030_log and 0036_outbox_single make it, then start; what was appended meanwhile is found and logged late.");
            default:
                throw new LedgerStartException(
                    "The trigger note_appended on ledger.mt_events is disabled: what is appended would be in no log. Enable it (alter table ledger.mt_events enable trigger note_appended), then start; what was appended meanwhile is found and logged late.");
        }
    }
}
