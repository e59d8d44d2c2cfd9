using System.Buffers;
using System.Text;
using System.Text.Json;

namespace LearningLedger.Integrity;

/// <summary>How the content of an event was turned into bytes.</summary>
public enum PayloadEncoding
{
    /// <summary><c>jcs</c>: RFC 8785.</summary>
    Jcs,

    /// <summary><c>pg-text</c>: body and headers as strings that hold PostgreSQL's text of them, for what RFC 8785 cannot carry.</summary>
    PgText,
}

/// <summary>
/// The content of an event that a leaf commits to: the RFC 8785 form of <c>{causation, correlation, data, headers, user}</c>, as read back from
/// the row, sealed fields sealed. What the row leaves empty is null.
/// </summary>
public static class EventPayload
{
    /// <summary>Appends the payload.</summary>
    /// <param name="output">Takes it.</param>
    /// <param name="data">The body as PostgreSQL prints it, UTF-8.</param>
    /// <param name="headers">The headers likewise; empty for null.</param>
    /// <param name="correlation">Correlation id, or null.</param>
    /// <param name="causation">Causation id, or null.</param>
    /// <param name="user">User name, or null.</param>
    /// <returns>How. A row whose numbers no double holds must not stop the log, so its text is taken as it stands.</returns>
    public static PayloadEncoding Write(
        ArrayBufferWriter<byte> output, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> headers, string? correlation, string? causation, string? user)
    {
        var before = output.WrittenCount;
        try
        {
            Write(output, data, headers, correlation, causation, user, Canonical);
            return PayloadEncoding.Jcs;
        }
        catch (CanonicalJsonException)
        {
            var kept = output.WrittenSpan[..before].ToArray();
            output.ResetWrittenCount();
            output.Write(kept);
            Write(output, data, headers, correlation, causation, user, AsText);
            return PayloadEncoding.PgText;
        }
    }

    private static void Write(
        IBufferWriter<byte> output, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> headers, string? correlation, string? causation, string? user,
        Action<ReadOnlyMemory<byte>, IBufferWriter<byte>> json)
    {
        output.Write("{\"causation\":"u8);
        WriteText(causation, output);
        output.Write(",\"correlation\":"u8);
        WriteText(correlation, output);
        output.Write(",\"data\":"u8);
        json(data, output);
        output.Write(",\"headers\":"u8);
        if (headers.IsEmpty)
        {
            output.Write("null"u8);
        }
        else
        {
            json(headers, output);
        }

        output.Write(",\"user\":"u8);
        WriteText(user, output);
        output.Write("}"u8);
    }

    private static void Canonical(ReadOnlyMemory<byte> json, IBufferWriter<byte> output)
    {
        using var document = JsonDocument.Parse(json);
        CanonicalJson.Write(document.RootElement, output);
    }

    private static void AsText(ReadOnlyMemory<byte> json, IBufferWriter<byte> output) => CanonicalJson.WriteString(Encoding.UTF8.GetString(json.Span), output);

    private static void WriteText(string? text, IBufferWriter<byte> output)
    {
        if (text is null)
        {
            output.Write("null"u8);
        }
        else
        {
            CanonicalJson.WriteString(text, output);
        }
    }
}
