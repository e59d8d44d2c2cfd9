using LearningLedger.Service.Host.PrivatePostgres;
using Npgsql;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>The vocabulary of the private-cluster tests.</summary>
internal static class Clusters
{
    internal static Task<PrivateCluster> StartAsync(this TestDirectory directory, Action<string>? say = null) =>
        StartAsync(new PrivateClusterOptions { DataDirectory = directory.Data }, say);

    internal static Task<PrivateCluster> StartAsync(PrivateClusterOptions options, Action<string>? say = null) =>
        PrivateCluster.StartAsync(options, say ?? (_ => { }), CancellationToken.None);

    internal static Task<PrivateClusterException> RefusesAsync(this TestDirectory directory) =>
        RefusesAsync(new PrivateClusterOptions { DataDirectory = directory.Data });

    internal static Task<PrivateClusterException> RefusesAsync(PrivateClusterOptions options) =>
        Assert.ThrowsAsync<PrivateClusterException>(() => StartAsync(options));

    internal static async Task<object?> AskAsync(this PrivateCluster cluster, string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    internal static int Port(this PrivateCluster cluster) => new NpgsqlConnectionStringBuilder(cluster.ConnectionString).Port;
}
