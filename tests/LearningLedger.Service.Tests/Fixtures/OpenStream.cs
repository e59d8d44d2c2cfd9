using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>A stream of events sent and answered at the same time, which an HTTP/1.1 client of .NET cannot do: it reads no answer before all is sent.</summary>
internal sealed class OpenStream : IDisposable
{
    private readonly TcpClient _connection = new();
    private readonly MemoryStream _answered = new();
    private NetworkStream _wire = null!;

    /// <summary>What the head of the answer says; null before the first line.</summary>
    internal string? Head { get; private set; }

    /// <summary>Begins the request.</summary>
    internal static async Task<OpenStream> BeginAsync(string url, string key, params string[] headers)
    {
        var stream = new OpenStream();
        var address = new Uri(url);
        await stream._connection.ConnectAsync(address.Host, address.Port);
        stream._wire = stream._connection.GetStream();
        string[] head =
        [
            "POST /v1/events HTTP/1.1", $"Host: {address.Authority}", $"Authorization: Bearer {key}", "Content-Type: application/x-ndjson",
            "Accept: application/x-ndjson", "Transfer-Encoding: chunked", .. headers, "", "",
        ];
        await stream._wire.WriteAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", head)));
        return stream;
    }

    /// <summary>Sends events, each as a line.</summary>
    internal Task SendAsync(params IEnumerable<string> events) => SendTextAsync(string.Concat(events.Select(e => e + "\n")));

    /// <summary>Sends a part of the body.</summary>
    internal async Task SendTextAsync(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        await _wire.WriteAsync(Encoding.ASCII.GetBytes(bytes.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
        await _wire.WriteAsync(bytes);
        await _wire.WriteAsync("\r\n"u8.ToArray());
    }

    /// <summary>Ends the request.</summary>
    internal async Task EndAsync() => await _wire.WriteAsync("0\r\n\r\n"u8.ToArray());

    /// <summary>The next line of the answer; null after the last.</summary>
    internal async Task<JsonNode?> LineAsync()
    {
        if (Head is null)
        {
            var head = new StringBuilder();
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)) head.Append((char)await ByteAsync());
            Head = head.ToString();
            Assert.StartsWith("HTTP/1.1 200", Head, StringComparison.Ordinal);
        }

        while (true)
        {
            if (_answered.ToArray().AsSpan().IndexOf((byte)'\n') is >= 0 and var end)
            {
                var all = _answered.ToArray();
                _answered.SetLength(0);
                _answered.Write(all.AsSpan(end + 1));
                return JsonNode.Parse(all.AsSpan(0, end));
            }

            var size = new StringBuilder();
            while (!size.ToString().EndsWith("\r\n", StringComparison.Ordinal)) size.Append((char)await ByteAsync());
            var length = int.Parse(size.ToString().Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var part = new byte[length + 2];
            await _wire.ReadExactlyAsync(part);
            if (length == 0) return null;
            _answered.Write(part.AsSpan(0, length));
        }
    }

    /// <summary>All further lines.</summary>
    internal async Task<List<JsonNode>> RestAsync()
    {
        var lines = new List<JsonNode>();
        while (await LineAsync() is { } line) lines.Add(line);
        return lines;
    }

    public void Dispose() => _connection.Dispose();

    private async Task<byte> ByteAsync()
    {
        var one = new byte[1];
        await _wire.ReadExactlyAsync(one);
        return one[0];
    }
}
