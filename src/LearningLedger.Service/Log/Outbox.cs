using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>The trigger that notes every appended event for the log.</summary>
public static class Outbox
{
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
                    "The trigger note_appended on ledger.mt_events is missing: what is appended would be in no log. Bring it back as schema script 0030_log makes it, then start; what was appended meanwhile is found and logged late.");
            default:
                throw new LedgerStartException(
                    "The trigger note_appended on ledger.mt_events is disabled: what is appended would be in no log. Enable it (alter table ledger.mt_events enable trigger note_appended), then start; what was appended meanwhile is found and logged late.");
        }
    }
}
