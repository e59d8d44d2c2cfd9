using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Analytics;

/// <summary>Notes once a second up to which sequence the ledger is settled, while that moves. So a time can later be turned into a sequence for good.</summary>
public sealed class HighWaterNotes(NpgsqlDataSource database, TimeProvider time, ILogger<HighWaterNotes> log) : BackgroundService
{
    // The mark is read by the statement's snapshot, before the clock: what is noted was settled by then. Notes rise even if the clock is set back.
    private const string Note =
        """
        insert into analytics.high_water_note (noted_at, sequence)
          select greatest(clock_timestamp(), last.noted_at + interval '1 microsecond'), mark.last_seq_id
          from ledger.mt_event_progression mark
          left join (select noted_at, sequence from analytics.high_water_note order by noted_at desc limit 1) last on true
          where mark.name = 'HighWaterMark' and mark.last_seq_id > coalesce(last.sequence, 0)
          on conflict do nothing
        """;

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Rounds.RunAsync(Pace, time, NoteAsync, log.HighWaterNotNoted, stoppingToken);

    private async Task NoteAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Note);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
