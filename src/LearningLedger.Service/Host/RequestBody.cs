using System.Buffers;

namespace LearningLedger.Service.Host;

/// <summary>Reads a request's body into memory, up to a limit.</summary>
public static class RequestBody
{
    /// <summary>The bytes, or null when there are more than <paramref name="most"/>.</summary>
    /// <exception cref="BadHttpRequestException">503: the bodies of other requests fill the memory meant for them.</exception>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, int most, CancellationToken cancellation)
    {
        if (request.ContentLength > most)
        {
            return null;
        }

        var room = request.HttpContext.RequestServices.GetRequiredService<BodyRoom>().Open();
        request.HttpContext.Response.RegisterForDispose(room);
        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            if (!room.Grow(read.Buffer.Length))
            {
                reader.AdvanceTo(read.Buffer.End);
                throw new BadHttpRequestException("Too many large requests are under way. Nothing of this one was recorded.", StatusCodes.Status503ServiceUnavailable);
            }

            if (read.Buffer.Length > most)
            {
                reader.AdvanceTo(read.Buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>The lines that are not blank.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> body)
    {
        while (!body.IsEmpty)
        {
            var end = body.Span.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            if (line.Span.IndexOfAnyExcept((byte)' ', (byte)'\t', (byte)'\r') >= 0)
            {
                yield return line;
            }
        }
    }
}
