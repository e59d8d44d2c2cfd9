using System.Net.Sockets;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>Whether a Docker engine answers, at <c>DOCKER_HOST</c> or the usual socket.</summary>
internal static class DockerEngine
{
    internal static async Task<bool> AnswersAsync()
    {
        var host = new Uri(Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } given ? given : "unix:///var/run/docker.sock");
        using var handler = new SocketsHttpHandler();
        handler.ConnectCallback = async (_, ct) =>
        {
            var local = host.Scheme == "unix";
            var socket = local ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                if (local) await socket.ConnectAsync(new UnixDomainSocketEndPoint(host.LocalPath), ct);
                else await socket.ConnectAsync(host.Host, host.Port, ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await client.GetAsync(new Uri("http://docker/_ping"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
