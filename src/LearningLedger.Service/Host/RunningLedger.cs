using LearningLedger.Service.Frameworks;
using LearningLedger.Service.Host.PrivatePostgres;
using LearningLedger.Service.Log;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Marten;
using Npgsql;
using Wolverine.Persistence.Durability;

namespace LearningLedger.Service.Host;

/// <summary>The whole service, running: data directory, PostgreSQL, schema, keys, web.</summary>
public sealed class RunningLedger : IAsyncDisposable
{
    /// <summary>Where the service listens unless told otherwise.</summary>
    public const string DefaultUrl = "http://127.0.0.1:5080";

    private readonly Stack<IAsyncDisposable> parts = new();

    private RunningLedger()
    {
    }

    /// <summary>The web application.</summary>
    public WebApplication App { get; private set; } = null!;

    /// <summary>What the operator set.</summary>
    public LedgerSettings Settings { get; private set; } = null!;

    /// <summary>The key of the operator.</summary>
    public BootstrapKey Bootstrap { get; private set; } = null!;

    /// <summary>The address it listens on.</summary>
    public string Url => App.Urls.First();

    /// <summary>Starts everything, in an order in which each part can rely on those before it; stops what was started when one refuses.</summary>
    /// <param name="args">Command line of settings, such as <c>--urls</c>.</param>
    /// <param name="say">Takes short sentences about what happens, for people.</param>
    /// <param name="configure">Changes the builder, for tests; or null.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="LedgerStartException">Every failure that can be foreseen; the message says what to do.</exception>
    public static async Task<RunningLedger> StartAsync(string[] args, Action<string> say, Action<WebApplicationBuilder>? configure, CancellationToken cancellation)
    {
        var running = new RunningLedger();
        try
        {
            await running.StartPartsAsync(args, say, configure, cancellation);
            return running;
        }
        catch (Exception e)
        {
            await running.DisposeAsync();
            if (e is PrivateClusterException or DataDirectoryInUseException)
            {
                throw new LedgerStartException(e.Message, e);
            }

            throw;
        }
    }

    /// <summary>The builder every way of starting shares: content root beside the assembly, whatever folder the user stands in.</summary>
    public static WebApplicationBuilder Builder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory, ApplicationName = typeof(RunningLedger).Assembly.GetName().Name });
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        return builder;
    }

    /// <summary>What the operator set.</summary>
    /// <exception cref="LedgerStartException">A value cannot be read.</exception>
    public static LedgerSettings Read(IConfiguration configuration)
    {
        try
        {
            return configuration.GetSection("Ledger").Get<LedgerSettings>() ?? new LedgerSettings();
        }
        catch (InvalidOperationException e)
        {
            throw new LedgerStartException("A setting cannot be read: " + e.Message, e);
        }
    }

    /// <summary>Lets requests under way end, then stops every part in the opposite order.</summary>
    public async ValueTask DisposeAsync()
    {
        while (parts.TryPop(out var part))
        {
            await part.DisposeAsync();
        }
    }

    private async Task StartPartsAsync(string[] args, Action<string> say, Action<WebApplicationBuilder>? configure, CancellationToken cancellation)
    {
        var builder = Builder(args);
        configure?.Invoke(builder);
        Settings = Read(builder.Configuration);
        var bootstrap = BootstrapKey.FromSetting(Settings.BootstrapKey);
        Directory.CreateDirectory(Settings.DataDirectory);
        parts.Push(new Ending(DataDirectoryLock.Acquire(Settings.DataDirectory)));

        var connectionString = builder.Configuration.GetConnectionString("ledger");
        if (string.IsNullOrEmpty(connectionString))
        {
            var options = new PrivateClusterOptions { DataDirectory = Settings.DataDirectory };
            var cluster = await PrivateCluster.StartAsync(options, say, cancellation);
            parts.Push(cluster);
            cluster.KeepRunning(options, say);
            connectionString = cluster.ConnectionString;
        }

        var database = Database.Open(connectionString);
        parts.Push(database);
        var commits = Database.OpenForCommits(connectionString);
        parts.Push(commits.Source);
        var vault = Vault.Open(Settings.VaultKeyFile);
        App = LedgerHost.Build(builder, Settings, database, commits, vault);
        parts.Push(App);
        if (Settings.Nodes == NodesMode.Single)
        {
            await App.Services.GetRequiredService<SingleNode>().HoldAsync(cancellation);
        }

        await UpdateSchemaAsync(database, cancellation);
        await Outbox.CheckAsync(database, cancellation);
        await Installation.PrepareAsync(database, vault, Settings, cancellation);
        App.Services.GetRequiredService<Witness>().Open();
        App.Services.GetRequiredService<OutsideWitnesses>().Open();
        await DefaultFrameworks.PublishAsync(
            App.Services.GetRequiredService<Catalogue>(), App.Services.GetRequiredService<CatalogueDecisions>(), say, cancellation);
        Bootstrap = await BootstrapKey.PlaceAsync(bootstrap, Settings.DataDirectory, App.Services.GetRequiredService<KeyRing>(), cancellation);
        try
        {
            await App.StartAsync(cancellation);
        }
        catch (IOException e)
        {
            throw new LedgerStartException($"{e.Message} Choose another address with --urls http://127.0.0.1:PORT.", e);
        }

        parts.Push(new Stopping(App));
    }

    private async Task UpdateSchemaAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var store = App.Services.GetRequiredService<IDocumentStore>();
        var messages = App.Services.GetRequiredService<IMessageStore>();
        try
        {
            if (Settings.Schema == SchemaMode.Check)
            {
                await SchemaUpdate.CheckAsync(database, store, messages, cancellation);
            }
            else
            {
                await SchemaUpdate.ApplyAsync(database, store, messages, alone: Settings.Nodes == NodesMode.Single, cancellation);
            }
        }
        catch (InvalidOperationException e)
        {
            throw new LedgerStartException(e.Message, e);
        }
        catch (NpgsqlException e)
        {
            throw new LedgerStartException($"The database cannot be used: {e.Message}", e);
        }
    }

    private sealed class Ending(IDisposable part) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            part.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Stopping(WebApplication app) : IAsyncDisposable
    {
        // Service and cluster together are to end within 10 s.
        private static readonly TimeSpan Drain = TimeSpan.FromSeconds(5);

        public async ValueTask DisposeAsync()
        {
            using var limit = new CancellationTokenSource(Drain);
            await app.StopAsync(limit.Token);
        }
    }
}

/// <summary>The service cannot start, for a reason that can be told in a sentence.</summary>
/// <param name="message">What is wrong and what to do.</param>
/// <param name="inner">Where it was found.</param>
public sealed class LedgerStartException(string message, Exception? inner = null) : Exception(message, inner);
