using Npgsql;

namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>A PostgreSQL cluster that belongs to one data directory and is run by whoever holds that directory's lock.</summary>
/// <remarks>
/// The server is a process in a session of its own: Ctrl-C in a terminal never reaches it, and it survives a killed service.
/// The next start on the same directory takes it over. It listens on 127.0.0.1 only, has no unix socket and wants a password.
/// </remarks>
public sealed class PrivateCluster : IAsyncDisposable
{
    internal const string Superuser = "ledger";
    private const string Database = "ledger";

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly Server _server;
    private readonly CancellationTokenSource _ending = new();
    private Task _keeping = Task.CompletedTask;

    private PrivateCluster(Server server, ClusterPlace place, Postmaster postmaster, string password)
    {
        _server = server;
        ConnectionString = Connections.To(postmaster.Port, password, Database);
        PostmasterPid = postmaster.Pid;
        ClusterDirectory = place.Data;
    }

    /// <summary>To database <c>ledger</c>, which exists, as the cluster's superuser. Holds the password: not for logs.</summary>
    public string ConnectionString { get; }

    /// <summary>The process id of the server as it was started or taken over.</summary>
    public int PostmasterPid { get; }

    /// <summary>The full path of the server's data folder; its <c>server.log</c> lies there too.</summary>
    public string ClusterDirectory { get; }

    /// <summary>
    /// Makes the cluster if there is none, then starts its server or takes over the one that runs. Does not take the
    /// <see cref="DataDirectoryLock"/>: the caller holds it before, and until the cluster has stopped.
    /// </summary>
    /// <param name="options">The data directory and the settings.</param>
    /// <param name="say">Takes short sentences about what happens, for people.</param>
    /// <param name="ct">Ends the wait; a server this start has begun is stopped.</param>
    /// <exception cref="PrivateClusterException">Every failure that can be foreseen; the message names the remedies.</exception>
    public static async Task<PrivateCluster> StartAsync(PrivateClusterOptions options, Action<string> say, CancellationToken ct)
    {
        try
        {
            var place = await ClusterPlace.SettleAsync(options.DataDirectory, say, ct);
            var binaries = await PostgresBinaries.ChooseAsync(place, options, say, ct);
            var password = ClusterPassword.ReadOrMake(place);
            if (place.DataMajor() is null) await NewCluster.MakeAsync(place, binaries, password, say, ct);
            return await RunAsync(new Server(place, binaries, say), place, password, options.ServerSettings, ct);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new PrivateClusterException(
                $"The private PostgreSQL cluster of {options.DataDirectory} cannot be used: {refused.Message} "
                + "Files there must belong to whoever runs the service, and the disk must have room.", refused);
        }
        catch (NpgsqlException refused)
        {
            throw new PrivateClusterException(
                $"The private PostgreSQL cluster of {options.DataDirectory} started, but cannot be worked with: {refused.Message} See its server.log.", refused);
        }
    }

    /// <summary>
    /// Fast shutdown: open sessions are cut, everything committed is on disk. Waits at most 8 seconds. Nothing happens when the
    /// server is gone already.
    /// </summary>
    /// <exception cref="PrivateClusterException">It does not stop; the next start takes it over.</exception>
    public Task StopAsync(CancellationToken ct) => _server.StopAsync(ct);

    /// <summary>
    /// From now on a server that ends by itself, killed or crashed, is started again on the same port; what was committed is there. Each further
    /// time within short is waited for longer.
    /// </summary>
    /// <param name="options">As it was started with.</param>
    /// <param name="say">Takes short sentences about what happens, for people.</param>
    public void KeepRunning(PrivateClusterOptions options, Action<string> say) => _keeping = Task.Run(() => KeepAsync(options.ServerSettings, say, _ending.Token));

    /// <summary>As <see cref="StopAsync"/>; nothing starts it again.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
        await StopAsync(CancellationToken.None);
    }

    private async Task KeepAsync(IReadOnlyDictionary<string, string> settings, Action<string> say, CancellationToken ct)
    {
        var to = new NpgsqlConnectionStringBuilder(ConnectionString);
        var (wait, started) = (Glance, DateTime.UtcNow);
        while (true)
        {
            await Task.Delay(Glance, ct);
            if (_server.IsRunning()) continue;

            // Looked at twice: the file that tells may just be written.
            await Task.Delay(wait, ct);
            if (_server.IsRunning()) continue;
            wait = DateTime.UtcNow - started > 2 * LongestWait ? Glance : wait < LongestWait ? wait * 2 : wait;
            started = DateTime.UtcNow;
            say("PostgreSQL has ended and is started again.");
            try
            {
                await _server.StartAsync(settings, to.Password!, to.Port, ct);
            }
            catch (Exception refused) when (refused is PrivateClusterException or NpgsqlException or IOException && !ct.IsCancellationRequested)
            {
                say(refused.Message);
            }
        }
    }

    private static async Task<PrivateCluster> RunAsync(
        Server server, ClusterPlace place, string password, IReadOnlyDictionary<string, string> settings, CancellationToken ct)
    {
        var adopted = await server.AdoptAsync(password, ct);
        try
        {
            var postmaster = adopted ?? await server.StartAsync(settings, password, port: null, ct);
            if (adopted is not null)
            {
                ServerConf.Write(place, adopted.Port, settings);
                await Connections.ReloadAsync(adopted.Port, password, ct);
            }

            await Connections.MakeDatabaseAsync(postmaster.Port, password, Database, ct);
            return new PrivateCluster(server, place, postmaster, password);
        }
        catch
        {
            // Nobody would hold it: without this a start that fails or is cancelled leaves a server behind.
            await server.StopAsync(CancellationToken.None);
            throw;
        }
    }
}
