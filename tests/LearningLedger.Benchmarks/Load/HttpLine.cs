using System.Buffers.Text;
using System.Net.Sockets;

namespace LearningLedger.Benchmarks.Load;

/// <summary>One HTTP/1.1 connection that reads no more of an answer than it must: the generator shares the processors with what it measures.</summary>
internal sealed class HttpLine : IDisposable
{
    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] buffer = new byte[64 * 1024];
    private int length;

    /// <summary>The beginning of the last answer, for when it is not what was hoped for.</summary>
    public string Answer => System.Text.Encoding.UTF8.GetString(buffer, 0, Math.Min(length, 1_000));

    /// <summary>Connects.</summary>
    public static async Task<HttpLine> OpenAsync(Uri url)
    {
        var line = new HttpLine();
        await line.socket.ConnectAsync(url.Host, url.Port);
        return line;
    }

    /// <summary>Sends a request and reads the answer to its end.</summary>
    /// <returns>Whether it is a success, and of a post nothing was a duplicate.</returns>
    public async Task<bool> SendAsync(byte[] request)
    {
        for (var sent = 0; sent < request.Length;)
        {
            sent += await socket.SendAsync(request.AsMemory(sent));
        }

        length = 0;
        int head;
        while ((head = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            await MoreAsync();
        }

        head += 4;
        var ok = buffer.AsSpan(0, head).StartsWith("HTTP/1.1 2"u8);
        if (Header("\r\nContent-Length: "u8, head) is { } size)
        {
            while (length < head + size)
            {
                await MoreAsync();
            }
        }
        else
        {
            await ChunksAsync(head);
        }

        return ok && buffer.AsSpan(head, length - head).IndexOf("\"status\":\"duplicate\""u8) < 0;
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private int? Header(ReadOnlySpan<byte> name, int head)
    {
        var at = buffer.AsSpan(0, head).IndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(buffer.AsSpan(at + name.Length), out int value, out _) ? value : null;
    }

    private async Task ChunksAsync(int at)
    {
        while (true)
        {
            int end;
            while ((end = buffer.AsSpan(at, length - at).IndexOf("\r\n"u8)) < 0)
            {
                await MoreAsync();
            }

            Utf8Parser.TryParse(buffer.AsSpan(at, end), out int size, out _, 'x');
            at += end + 2 + size + 2;
            while (length < at)
            {
                await MoreAsync();
            }

            if (size == 0)
            {
                return;
            }
        }
    }

    private async Task MoreAsync()
    {
        if (length == buffer.Length)
        {
            Array.Resize(ref buffer, buffer.Length * 2);
        }

        var read = await socket.ReceiveAsync(buffer.AsMemory(length));
        length += read > 0 ? read : throw new IOException("The server closed the connection.");
    }
}
