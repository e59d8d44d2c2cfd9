using System.Threading.Channels;
using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Analytics;

/// <summary>Keeps where the members of cohorts stand that are asked about, so that a question goes through the attempts of those alone who have gone on since.</summary>
/// <remarks>Keeping changes no answer; see <c>analytics.kept_standing</c>. A cohort that nobody asks about costs nothing, here and in the projection.</remarks>
public sealed class KeptStandings(NpgsqlDataSource database, TimeProvider time, ILogger<KeptStandings> log) : BackgroundService
{
    /// <summary>Least time between two rounds for one cohort: who is at work would otherwise be kept for every attempt.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    /// <summary>Whose attempts have not changed for so long rests.</summary>
    private const string Resting = "select coalesce((select n.sequence from analytics.high_water_note n where n.noted_at <= clock_timestamp() - interval '30 seconds' order by n.noted_at desc limit 1), 0)";

    private readonly Channel<(string Tenant, string Cohort)> asked = Channel.CreateBounded<(string, string)>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Says that a question about these cohorts was worked out.</summary>
    public void Asked(string tenant, params string?[] cohorts)
    {
        foreach (var cohort in cohorts.OfType<string>())
        {
            asked.Writer.TryWrite((tenant, cohort));
        }
    }

    /// <summary>Keeps those members of a cohort whose attempts have not changed after a sequence.</summary>
    public async Task KeepAsync(string tenant, string cohort, long resting, CancellationToken cancellation)
    {
        await using var keep = database.CreateCommand("call analytics.keep_standings($1, $2, $3)");
        keep.Parameters.Add(new() { Value = tenant });
        keep.Parameters.Add(new() { Value = cohort });
        keep.Parameters.Add(new() { Value = resting });
        await keep.ExecuteNonQueryAsync(cancellation);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var last = new Dictionary<(string, string), long>();
        try
        {
            await foreach (var (tenant, cohort) in asked.Reader.ReadAllAsync(stoppingToken))
            {
                if (last.TryGetValue((tenant, cohort), out var since) && time.GetElapsedTime(since) < Pace)
                {
                    continue;
                }

                last[(tenant, cohort)] = time.GetTimestamp();
                try
                {
                    await using var note = database.CreateCommand(Resting);
                    await KeepAsync(tenant, cohort, (long)(await note.ExecuteScalarAsync(stoppingToken))!, stoppingToken);
                }
                catch (NpgsqlException e)
                {
                    log.NotKept(e, tenant, cohort);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }
}
