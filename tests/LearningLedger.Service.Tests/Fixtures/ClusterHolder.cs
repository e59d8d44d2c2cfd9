using System.Globalization;
using LearningLedger.Service.Host.PrivatePostgres;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>
/// The test assembly run as a program: it locks a data directory, starts the private cluster, says so on standard output and
/// holds both until its input ends. So a test can be somebody else, and can kill the owner. Asked to be watched, it sets
/// <see cref="ClusterWatch"/> on itself.
/// </summary>
internal static class ClusterHolder
{
    internal const string Ready = "ready";
    internal const string Watched = "watched";

    private static async Task<int> Main(string[] args)
    {
        if (args is not [var dataDirectory, .. var wishes]) return 64;
        try
        {
            using var held = DataDirectoryLock.Acquire(dataDirectory);
            await using var cluster = await PrivateCluster.StartAsync(
                new PrivateClusterOptions { DataDirectory = dataDirectory }, Console.Error.WriteLine, CancellationToken.None);
            if (wishes is [Watched]) ClusterWatch.Begin(dataDirectory, cluster);
            await Console.Out.WriteLineAsync($"{Ready} {cluster.PostmasterPid.ToString(CultureInfo.InvariantCulture)}");
            await Console.In.ReadToEndAsync();
            return 0;
        }
        catch (Exception refused) when (refused is PrivateClusterException or DataDirectoryInUseException)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
    }
}
