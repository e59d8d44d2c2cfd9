using System.Globalization;
using LearningLedger.Service.Host.PrivatePostgres;
using Npgsql;
using Testcontainers.PostgreSql;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>
/// One PostgreSQL for the whole test run, started at first use: a container where a Docker engine answers, else a private
/// cluster. <c>LEDGER_TEST_DATABASE=private</c> or <c>=container</c> forces one. A crash of the machine may cost its data.
/// </summary>
internal sealed class TestCluster
{
    private const string Choice = "LEDGER_TEST_DATABASE";

    // Nothing here outlives the run, so nothing is flushed.
    private static readonly Dictionary<string, string> Hasty = new()
    {
        ["fsync"] = "off",
        ["synchronous_commit"] = "off",
        ["full_page_writes"] = "off",
        ["max_connections"] = "400",
        ["shared_buffers"] = "128MB",
    };

    private static readonly Lazy<Task<TestCluster>> Shared = new(StartAsync);
    private static int s_databases;

    private readonly string _connectionString;
    private readonly Func<Task> _end;

    private TestCluster(string connectionString, Func<Task> end) => (_connectionString, _end) = (connectionString, end);

    /// <summary>Makes an empty database and returns the connection string to it, as superuser.</summary>
    /// <param name="prefix">Begins the database's name, so that a log line tells whose it is.</param>
    internal static async Task<string> CreateDatabaseAsync(string? prefix = null)
    {
        var cluster = await Shared.Value;
        var name = $"{prefix ?? "test"}_{Interlocked.Increment(ref s_databases).ToString(CultureInfo.InvariantCulture)}";
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(cluster._connectionString) { Pooling = false });
        await using var make = source.CreateCommand($"create database \"{name}\"");
        await make.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(cluster._connectionString) { Database = name }.ConnectionString;
    }

    /// <summary>Ends the cluster, if any test has asked for it.</summary>
    internal static async Task EndAsync()
    {
        if (Shared.IsValueCreated && Shared.Value.IsCompletedSuccessfully) await (await Shared.Value)._end();
    }

    private static async Task<TestCluster> StartAsync()
    {
        TestDirectory.SweepLeft();
        switch (Environment.GetEnvironmentVariable(Choice))
        {
            case "private": return await StartPrivateAsync();
            case "container": return await StartContainerAsync();
            case null or "": break;
            case var other: throw new InvalidOperationException($"{Choice} is '{other}'; it may be 'private' or 'container'.");
        }

        if (!await DockerEngine.AnswersAsync()) return await StartPrivateAsync();
        try
        {
            return await StartContainerAsync();
        }
        catch (Exception refused)
        {
            // An engine without the image, and without a way to it, is no reason to leave anything untested.
            await Console.Error.WriteLineAsync($"No PostgreSQL container ({refused.Message}); using a private cluster.");
            return await StartPrivateAsync();
        }
    }

    private static async Task<TestCluster> StartPrivateAsync()
    {
        var directory = new TestDirectory();
        try
        {
            var cluster = await PrivateCluster.StartAsync(
                new PrivateClusterOptions { DataDirectory = directory.Data, ServerSettings = Hasty }, Console.Error.WriteLine, CancellationToken.None);
            ClusterWatch.Begin(directory.Root, cluster);
            return new TestCluster(cluster.ConnectionString, () =>
            {
                directory.Dispose();
                ClusterWatch.End();
                return Task.CompletedTask;
            });
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    private static async Task<TestCluster> StartContainerAsync()
    {
        var container = new PostgreSqlBuilder("postgres:18")
            .WithCommand([.. Hasty.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" })])
            .Build();
        await container.StartAsync();
        return new TestCluster(container.GetConnectionString(), async () => await container.DisposeAsync());
    }
}
