using System.Net;
using System.Net.Sockets;
using LearningLedger.Service.Host;

namespace LearningLedger.Service.Xapi.Forwarding;

/// <summary>Talks to targets, and to nothing an admin of a tenant may not reach through us.</summary>
/// <remarks>
/// The address is judged where the connection is made, after the name was resolved, so a name that resolves otherwise the next time gains nothing. No redirect
/// is followed, no proxy and no cookie used.
/// </remarks>
public sealed class ForwardClient : IDisposable
{
    private readonly HttpClient client;
    private readonly bool privateToo;

    /// <summary>A client for all targets.</summary>
    public ForwardClient(LedgerSettings settings)
    {
        privateToo = settings.Xapi.ForwardToPrivate;
        client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = ConnectAsync,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = TimeSpan.FromSeconds(settings.Xapi.ForwardTimeoutSeconds),
        };
    }

    /// <summary>Sends; the answer's body is not read.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation) =>
        client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellation);
        var open = addresses.Where(a => privateToo || PublicAddress.Is(a)).ToArray();
        if (open.Length == 0)
        {
            throw new HttpRequestException("The target's address is not public; Ledger__Xapi__ForwardToPrivate allows such addresses.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(open, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
