using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>The cluster's port: the same at every start unless another program has taken it.</summary>
internal static class LoopbackPort
{
    // Below the ports that systems lend to outgoing connections, or such a one might hold ours at the next start.
    private const int First = 20_000;
    private const int Last = 32_000;
    private const int Attempts = 200;

    /// <summary>The remembered port if it is free, else a free one, which is then remembered.</summary>
    internal static int Choose(ClusterPlace place, Action<string> say)
    {
        var remembered = File.Exists(place.PortFile) && int.TryParse(File.ReadAllText(place.PortFile), CultureInfo.InvariantCulture, out var last) ? last : 0;
        if (remembered is > 0 and < 65_536 && IsFree(remembered)) return remembered;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var port = Random.Shared.Next(First, Last);
            if (!IsFree(port)) continue;
            if (remembered != 0) say($"Port {remembered} of the cluster is taken by another program: it moves to {port}.");
            PrivateFiles.Write(place.PortFile, port.ToString(CultureInfo.InvariantCulture));
            return port;
        }

        throw new PrivateClusterException($"No free port was found between {First} and {Last} on 127.0.0.1.");
    }

    private static bool IsFree(int port)
    {
        using var probe = new TcpListener(IPAddress.Loopback, port);
        try
        {
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
