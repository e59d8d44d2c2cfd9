using System.Globalization;
using LearningLedger.Benchmarks.Load;
using LearningLedger.Service.Host.PrivatePostgres;
using Npgsql;
using Spectre.Console;

namespace LearningLedger.Benchmarks;

/// <summary>The stage all figures share: a private PostgreSQL, the service as a process of its own, learners to post for.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly PrivateCluster cluster;
    private readonly string folder;

    private Bench(Sizes size, string program, string folder, PrivateCluster cluster)
    {
        (Size, Program, this.folder, this.cluster) = (size, program, folder, cluster);
        Database = NpgsqlDataSource.Create(cluster.ConnectionString + ";Command Timeout=0");
        Service = new ServiceUnderTest(program, Path.Combine(folder, "service"), cluster.ConnectionString);
    }

    /// <summary>How much of everything.</summary>
    public Sizes Size { get; }

    /// <summary>Folder of the service's program.</summary>
    public string Program { get; }

    /// <summary>The service's database.</summary>
    public NpgsqlDataSource Database { get; }

    /// <summary>What is measured.</summary>
    public ServiceUnderTest Service { get; }

    /// <summary>Those that run.</summary>
    public List<Side> Sides { get; } = [];

    /// <summary>Starts everything and registers the learners.</summary>
    public static async Task<Bench> StartAsync(Sizes size, string program, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("ledger-bench-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            // The server's user has to get in; else the cluster lies elsewhere, and stays there.
            System.IO.File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        PrivateCluster cluster;
        try
        {
            cluster = await PrivateCluster.StartAsync(
                new PrivateClusterOptions
                {
                    DataDirectory = Path.Combine(folder, "cluster"),
                    ServerSettings = ServerSettings(),
                },
                _ => { },
                cancellation);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }

        var bench = new Bench(size, program, folder, cluster);
        try
        {
            await bench.Service.StartAsync(cancellation);
            bench.Say($"registering {size.Learners} learners ...");
            await bench.PostAsync(size.Learners, perRequest: 500, connections: 4, cancellation);
            await Checks.AllAsync(bench, cancellation);
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    /// <summary>Safe, and as a server of its own for this database would be set: a quarter of the memory as PostgreSQL's manual advises, 2 GB at most, and WAL for some minutes.</summary>
    private static Dictionary<string, string> ServerSettings() => new()
    {
        ["fsync"] = "on",
        ["synchronous_commit"] = "on",
        ["full_page_writes"] = "on",
        ["shared_buffers"] = string.Create(CultureInfo.InvariantCulture, $"{Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 >> 20, 128, 2048)}MB"),
        ["max_wal_size"] = "8GB",
    };

    /// <summary>Path of a file that is thrown away with everything.</summary>
    public string File(string name) => Path.Combine(folder, name);

    /// <summary>A sentence for who waits.</summary>
    public void Say(string sentence) => AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{sentence}[/]");

    /// <summary>Attempts posted so far and answered as accepted.</summary>
    public long Posted { get; set; }

    /// <summary>Posts that many new events for existing learners, each event of a request for another one.</summary>
    public async Task<LoadResult> PostAsync(int events, int perRequest, int connections, CancellationToken cancellation)
    {
        var result = await LoadGenerator.StartAsync(Spec(perRequest, connections) with { Requests = events / perRequest }, cancellation);
        Posted += result.Accepted;
        return result;
    }

    /// <summary>What posting to the service takes.</summary>
    public LoadSpec Spec(int perRequest, int connections) =>
        new(Service.Url, ServiceUnderTest.Key, connections, perRequest, Size.Learners, Guid.NewGuid().ToString("N"));

    /// <summary>Another database of the same cluster, made anew.</summary>
    public async Task<string> OtherDatabaseAsync(string name, CancellationToken cancellation)
    {
        await using var make = Database.CreateCommand($"create database {name}");
        await make.ExecuteNonQueryAsync(cancellation);
        return new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>One value.</summary>
    public async Task<T> AskAsync<T>(string sql, CancellationToken cancellation)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>A statement.</summary>
    public async Task DoAsync(string sql, CancellationToken cancellation)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Where the figures were taken.</summary>
    public async Task<Machine> MachineAsync(CancellationToken cancellation) => new(
        Environment.ProcessorCount,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9, 1),
        Environment.OSVersion.VersionString,
        Environment.Version.ToString(),
        await AskAsync<string>("show server_version", cancellation),
        Size.Name,
        DateTimeOffset.UtcNow);

    /// <summary>Ends what a figure that failed has left running, and goes on.</summary>
    public async Task AfterFailureAsync(CancellationToken cancellation)
    {
        await EndSidesAsync();
        await Service.StopAsync();
        await Service.StartAsync(cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndSidesAsync();
        await Service.StopAsync();
        await Database.DisposeAsync();
        await cluster.StopAsync(CancellationToken.None);
        Directory.Delete(folder, recursive: true);
    }

    private async Task EndSidesAsync()
    {
        foreach (var side in Sides.ToList())
        {
            await side.EndAsync(this);
        }
    }
}

/// <summary>What the figures depend on.</summary>
internal sealed record Machine(int Cores, double MemoryGb, string System, string DotNet, string PostgreSql, string Sizes, DateTimeOffset TakenAt);
