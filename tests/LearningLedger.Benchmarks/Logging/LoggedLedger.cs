using System.Diagnostics;
using LearningLedger.Service.Host;
using LearningLedger.Service.Log;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LearningLedger.Benchmarks.Logging;

/// <summary>A service on a database of its own, whose log can be made to rest, or be written by this process alone.</summary>
internal sealed class LoggedLedger : IAsyncDisposable
{
    private const string Tenant = Installation.DefaultTenant;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly string folder;

    private LoggedLedger(string program, string folder, string connectionString)
    {
        this.folder = folder;
        Service = new ServiceUnderTest(program, folder, connectionString);
        Database = NpgsqlDataSource.Create(connectionString + ";Command Timeout=0");
    }

    public ServiceUnderTest Service { get; }

    public NpgsqlDataSource Database { get; }

    /// <summary>Attempts answered as accepted.</summary>
    public long Posted { get; set; }

    public static async Task<LoggedLedger> StartAsync(Bench bench, CancellationToken cancellation)
    {
        var ledger = new LoggedLedger(bench.Program, bench.File("logged"), await bench.OtherDatabaseAsync("logged", cancellation));
        await ledger.Service.StartAsync(cancellation);
        return ledger;
    }

    /// <summary>While it is held nobody writes the log, and appends go on.</summary>
    public async Task<IAsyncDisposable> RestAsync(CancellationToken cancellation)
    {
        var connection = await Database.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand("select pg_advisory_lock(hashtextextended('tlog ' || $1, 0))", connection);
        command.Parameters.Add(new() { Value = Tenant });
        await command.ExecuteNonQueryAsync(cancellation);
        return new Rest(connection);
    }

    /// <summary>Logs and signs all that waits, in this process. The service must not run.</summary>
    /// <returns>How many events that were.</returns>
    public async Task<long> SequenceAsync(CancellationToken cancellation)
    {
        var settings = new LedgerSettings { DataDirectory = folder };
        settings.Log.Origin = await AskAsync<string>("select value from registry.setting where name = 'log-origin'", cancellation);
        var vault = Vault.Open(settings.VaultKeyFile);
        using var witness = new WitnessKey(settings);
        using var signer = new Signer(settings, witness, TimeProvider.System);
        using var outside = new OutsideWitnesses(Database, settings, TimeProvider.System);
        using var publication = new Publication(Database, outside, NullLogger<Publication>.Instance);
        var sequencer = new Sequencer(
            Database, new PendingEvents(new SaltKeys(vault), vault), new LogWriter(), new RecentHeads(), signer, publication, settings, NullLogger<Sequencer>.Instance);
        var logged = 0L;
        for (var taken = 1; taken > 0; logged += taken)
        {
            taken = (await sequencer.AdvanceAsync(Tenant, cancellation)).Events;
        }

        await CoveredAsync(cancellation);
        return logged;
    }

    /// <summary>Waits until a signed checkpoint covers all.</summary>
    public async Task CoveredAsync(CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await AskAsync<bool>("select not exists (select from tlog.pending) and not exists (select from tlog.log where checkpoint_size < size)", cancellation))
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new CheckFailedException("the log does not catch up");
            }

            await Task.Delay(Glance, cancellation);
        }
    }

    /// <summary>The longest that an event was seen waiting for its leaf.</summary>
    public async Task<TimeSpan> OldestAsync(CancellationToken stop)
    {
        var oldest = TimeSpan.Zero;
        while (!stop.IsCancellationRequested)
        {
            var waits = await AskAsync<TimeSpan>(
                """
                select coalesce((select clock_timestamp() - e.timestamp from ledger.mt_events e
                  where e.seq_id = (select p.first_seq from tlog.pending p where p.tenant_id = 'default' order by p.first_seq limit 1)), interval '0')
                """,
                CancellationToken.None);
            oldest = waits > oldest ? waits : oldest;
            await Task.Delay(Glance, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return oldest;
    }

    /// <summary>What was posted is stored, and each event has one leaf.</summary>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        if (await AskAsync<long>("select count(*) from ledger.mt_events where type = 'skill.attempted'", cancellation) is var stored && stored != Posted)
        {
            throw new CheckFailedException($"attempts stored: {stored}, expected {Posted}");
        }

        if (await AskAsync<long>(
            "select count(*) from ledger.mt_events e full join (select seq_id from tlog.entry where seq_id is not null) n using (seq_id) where e.id is null or n.seq_id is null", cancellation) is > 0 and var lost)
        {
            throw new CheckFailedException($"events and leaves that do not meet: {lost}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Service.StopAsync();
        await Database.DisposeAsync();
    }

    private async Task<T> AskAsync<T>(string sql, CancellationToken cancellation)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private sealed class Rest(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await using (var command = new NpgsqlCommand("select pg_advisory_unlock_all()", connection))
            {
                await command.ExecuteNonQueryAsync();
            }

            await connection.DisposeAsync();
        }
    }
}
