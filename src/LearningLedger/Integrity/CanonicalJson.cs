using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace LearningLedger.Integrity;

/// <summary>Canonical JSON as RFC 8785 (JCS) writes it: members by UTF-16 order, numbers as ECMAScript prints doubles, no white space.</summary>
/// <remarks>
/// A number whose value is not that of its shortest double form has no canonical form here and is refused
/// (<see cref="CanonicalJsonException"/>), as are duplicate members and lone surrogates (RFC 7493).
/// </remarks>
public static partial class CanonicalJson
{
    private const int DeepestLevel = 64;

    /// <summary>Most texts are shorter, and a buffer of this size is used again.</summary>
    private const int KeptBytes = 4096;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? own;

    /// <summary>The canonical UTF-8 bytes of <paramref name="element"/>.</summary>
    /// <exception cref="CanonicalJsonException">It has no canonical form; the message says where and why.</exception>
    public static byte[] Bytes(JsonElement element)
    {
        var output = own ?? new ArrayBufferWriter<byte>(KeptBytes);
        own = null;
        Write(element, output);
        var bytes = output.WrittenSpan.ToArray();
        if (output.Capacity <= KeptBytes)
        {
            output.ResetWrittenCount();
            own = output;
        }

        return bytes;
    }

    /// <summary>The canonical UTF-8 bytes of a JSON text.</summary>
    /// <exception cref="JsonException">Not JSON.</exception>
    /// <exception cref="CanonicalJsonException">It has no canonical form.</exception>
    public static byte[] Bytes(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        using var document = JsonDocument.ParseValue(ref reader);
        while (reader.Read())
        {
            throw new JsonException("More than one JSON value.");
        }

        return Bytes(document.RootElement);
    }

    /// <summary>Appends the canonical UTF-8 bytes of <paramref name="element"/> to <paramref name="output"/>.</summary>
    /// <exception cref="CanonicalJsonException">It has no canonical form; <paramref name="output"/> is then half written.</exception>
    public static void Write(JsonElement element, IBufferWriter<byte> output) => Write(element, output, 0);

    /// <summary>Appends a JSON string literal as RFC 8785 escapes it, in UTF-8.</summary>
    /// <exception cref="CanonicalJsonException">A lone surrogate.</exception>
    public static void WriteString(string value, IBufferWriter<byte> output)
    {
        output.Write("\""u8);
        var rest = value.AsSpan();
        while (!rest.IsEmpty)
        {
            // One search for all of them: two searches make a text of nothing but quotes quadratic.
            var stop = rest.IndexOfAny(Escaped);
            var run = stop < 0 ? rest : rest[..stop];
            WriteUtf8(run, output);
            if (stop < 0)
            {
                break;
            }

            WriteEscape(rest[stop], output);
            rest = rest[(stop + 1)..];
        }

        output.Write("\""u8);
    }

    private static void Write(JsonElement element, IBufferWriter<byte> output, int level)
    {
        if (level > DeepestLevel)
        {
            throw new CanonicalJsonException($"is nested deeper than {DeepestLevel} levels");
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(element, output, level);
                break;
            case JsonValueKind.Array:
                WriteArray(element, output, level);
                break;
            case JsonValueKind.String:
                WriteString(element, output);
                break;
            case JsonValueKind.Number:
                WriteNumber(element, output);
                break;
            case JsonValueKind.True:
                output.Write("true"u8);
                break;
            case JsonValueKind.False:
                output.Write("false"u8);
                break;
            case JsonValueKind.Null:
                output.Write("null"u8);
                break;
            default:
                throw new CanonicalJsonException("is missing");
        }
    }

    private static void WriteArray(JsonElement element, IBufferWriter<byte> output, int level)
    {
        output.Write("["u8);
        var index = 0;
        foreach (var item in element.EnumerateArray())
        {
            if (index > 0)
            {
                output.Write(","u8);
            }

            try
            {
                Write(item, output, level + 1);
            }
            catch (CanonicalJsonException e)
            {
                throw e.Within($"[{index}]");
            }

            index++;
        }

        output.Write("]"u8);
    }

    private static void WriteObject(JsonElement element, IBufferWriter<byte> output, int level)
    {
        var count = element.GetPropertyCount();
        var members = ArrayPool<JsonProperty>.Shared.Rent(count);
        var sorted = members.AsSpan(0, count);
        var plain = true;
        var next = 0;
        foreach (var member in element.EnumerateObject())
        {
            sorted[next++] = member;
            plain &= IsPlain(JsonMarshal.GetRawUtf8PropertyName(member));
        }

        // Names of plain ASCII stand in the same order as bytes and as UTF-16; others take the long way.
        sorted.Sort(plain
            ? static (a, b) => JsonMarshal.GetRawUtf8PropertyName(a).SequenceCompareTo(JsonMarshal.GetRawUtf8PropertyName(b))
            : static (a, b) => string.CompareOrdinal(NameOf(a), NameOf(b)));
        output.Write("{"u8);
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
            {
                if (plain ? JsonMarshal.GetRawUtf8PropertyName(sorted[i]).SequenceEqual(JsonMarshal.GetRawUtf8PropertyName(sorted[i - 1])) : NameOf(sorted[i]) == NameOf(sorted[i - 1]))
                {
                    throw new CanonicalJsonException("appears twice").Within(NameOf(sorted[i]));
                }

                output.Write(","u8);
            }

            WriteMember(sorted[i], plain, output, level);
        }

        output.Write("}"u8);
        sorted.Clear(); // or the pool would keep the document alive
        ArrayPool<JsonProperty>.Shared.Return(members);
    }

    private static void WriteMember(JsonProperty member, bool plain, IBufferWriter<byte> output, int level)
    {
        if (plain)
        {
            output.Write("\""u8);
            output.Write(JsonMarshal.GetRawUtf8PropertyName(member));
            output.Write("\":"u8);
        }
        else
        {
            WriteString(NameOf(member), output);
            output.Write(":"u8);
        }

        try
        {
            Write(member.Value, output, level + 1);
        }
        catch (CanonicalJsonException e)
        {
            throw e.Within(NameOf(member));
        }
    }

    private static bool IsPlain(ReadOnlySpan<byte> raw) => Ascii.IsValid(raw) && !raw.Contains((byte)'\\');

    private static void WriteString(JsonElement element, IBufferWriter<byte> output)
    {
        // What JSON needs not escape, RFC 8785 does not escape: a literal without escapes is canonical as it stands.
        var raw = JsonMarshal.GetRawUtf8Value(element);
        if (!raw.Contains((byte)'\\') && Utf8.IsValid(raw))
        {
            output.Write(raw);
        }
        else
        {
            WriteString(StringOf(element), output);
        }
    }

    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static void WriteUtf8(ReadOnlySpan<char> text, IBufferWriter<byte> output)
    {
        try
        {
            StrictUtf8.GetBytes(text, output);
        }
        catch (EncoderFallbackException)
        {
            throw HalfSurrogate();
        }
    }

    private static void WriteEscape(char c, IBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> shortForm = c switch
        {
            '"' => "\\\""u8,
            '\\' => "\\\\"u8,
            '\b' => "\\b"u8,
            '\t' => "\\t"u8,
            '\n' => "\\n"u8,
            '\f' => "\\f"u8,
            '\r' => "\\r"u8,
            _ => default,
        };
        if (shortForm.IsEmpty)
        {
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"), output);
        }
        else
        {
            output.Write(shortForm);
        }
    }

    private static string StringOf(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw HalfSurrogate();
        }
    }

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            throw HalfSurrogate();
        }
    }

    private static CanonicalJsonException HalfSurrogate() => new("holds half of a surrogate pair");
}

/// <summary>A JSON value has no canonical form.</summary>
public sealed class CanonicalJsonException : Exception
{
    private readonly string place;

    internal CanonicalJsonException(string fault)
        : this("", fault)
    {
    }

    private CanonicalJsonException(string place, string fault)
        : base($"{(place.Length == 0 ? "$" : place)} {fault}")
    {
        this.place = place;
        Fault = fault;
    }

    /// <summary>Where in the value, member names joined by dots; <c>$</c> is the value itself.</summary>
    public string Path => place.Length == 0 ? "$" : place;

    /// <summary>What is wrong there, to be read after the path.</summary>
    public string Fault { get; }

    /// <summary>The same, seen from the value that holds the faulty one.</summary>
    /// <param name="step">Name of the member, or an index in brackets.</param>
    internal CanonicalJsonException Within(string step) => new(place.Length == 0 || place[0] == '[' ? step + place : $"{step}.{place}", Fault);
}
