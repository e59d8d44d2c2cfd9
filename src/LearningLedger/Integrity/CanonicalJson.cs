using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LearningLedger.Integrity;

/// <summary>Canonical JSON as RFC 8785 (JCS) writes it: members by UTF-16 order, numbers as ECMAScript prints doubles, no white space.</summary>
/// <remarks>
/// A number whose value is not that of its shortest double form has no canonical form here and is refused
/// (<see cref="CanonicalJsonException"/>), as are duplicate members and lone surrogates (RFC 7493).
/// </remarks>
public static partial class CanonicalJson
{
    private const int DeepestLevel = 64;

    /// <summary>The canonical UTF-8 bytes of <paramref name="element"/>.</summary>
    /// <exception cref="CanonicalJsonException">It has no canonical form; the message says where and why.</exception>
    public static byte[] Bytes(JsonElement element)
    {
        var output = new ArrayBufferWriter<byte>(256);
        Write(element, output);
        return output.WrittenSpan.ToArray();
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
    public static void Write(JsonElement element, IBufferWriter<byte> output) => Write(element, output, "$", 0);

    /// <summary>Appends a JSON string literal as RFC 8785 escapes it.</summary>
    /// <exception cref="CanonicalJsonException">A lone surrogate.</exception>
    public static void AppendString(StringBuilder output, string value)
    {
        var bytes = new ArrayBufferWriter<byte>(value.Length + 16);
        WriteString(value, bytes, "$");
        output.Append(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }

    /// <summary>Appends a JSON string literal as RFC 8785 escapes it, in UTF-8.</summary>
    /// <exception cref="CanonicalJsonException">A lone surrogate.</exception>
    public static void WriteString(string value, IBufferWriter<byte> output) => WriteString(value, output, "$");

    private static void Write(JsonElement element, IBufferWriter<byte> output, string path, int level)
    {
        if (level > DeepestLevel)
        {
            throw new CanonicalJsonException(path, $"is nested deeper than {DeepestLevel} levels");
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(element, output, path, level);
                break;
            case JsonValueKind.Array:
                output.Write("["u8);
                var index = 0;
                foreach (var item in element.EnumerateArray())
                {
                    if (index > 0)
                    {
                        output.Write(","u8);
                    }

                    Write(item, output, $"{path}[{index++}]", level + 1);
                }

                output.Write("]"u8);
                break;
            case JsonValueKind.String:
                WriteString(StringOf(element, path), output, path);
                break;
            case JsonValueKind.Number:
                WriteNumber(element, output, path);
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
                throw new CanonicalJsonException(path, "is missing");
        }
    }

    private static void WriteObject(JsonElement element, IBufferWriter<byte> output, string path, int level)
    {
        var members = new List<(string Name, JsonElement Value)>();
        foreach (var member in element.EnumerateObject())
        {
            members.Add((NameOf(member, path), member.Value));
        }

        members.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        output.Write("{"u8);
        for (var i = 0; i < members.Count; i++)
        {
            var (name, value) = members[i];
            if (i > 0)
            {
                if (name == members[i - 1].Name)
                {
                    throw new CanonicalJsonException(Member(path, name), "appears twice");
                }

                output.Write(","u8);
            }

            WriteString(name, output, path);
            output.Write(":"u8);
            Write(value, output, Member(path, name), level + 1);
        }

        output.Write("}"u8);
    }

    private static string Member(string path, string name) => path == "$" ? name : $"{path}.{name}";

    private static void WriteString(string value, IBufferWriter<byte> output, string path)
    {
        output.Write("\""u8);
        var rest = value.AsSpan();
        while (!rest.IsEmpty)
        {
            // One search for all of them: two searches make a text of nothing but quotes quadratic.
            var stop = rest.IndexOfAny(Escaped);
            var run = stop < 0 ? rest : rest[..stop];
            WriteUtf8(run, output, path);
            if (stop < 0)
            {
                break;
            }

            WriteEscape(rest[stop], output);
            rest = rest[(stop + 1)..];
        }

        output.Write("\""u8);
    }

    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static void WriteUtf8(ReadOnlySpan<char> text, IBufferWriter<byte> output, string path)
    {
        try
        {
            StrictUtf8.GetBytes(text, output);
        }
        catch (EncoderFallbackException)
        {
            throw new CanonicalJsonException(path, "holds half of a surrogate pair");
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

    private static string StringOf(JsonElement element, string path)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new CanonicalJsonException(path, "holds half of a surrogate pair");
        }
    }

    private static string NameOf(JsonProperty member, string path)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            throw new CanonicalJsonException(path, "has a member name with half of a surrogate pair");
        }
    }
}

/// <summary>A JSON value has no canonical form.</summary>
/// <param name="path">Where in the value, member names joined by dots; <c>$</c> is the value itself.</param>
/// <param name="fault">What is wrong there, to be read after the path.</param>
public sealed class CanonicalJsonException(string path, string fault) : Exception($"{path} {fault}")
{
    /// <summary>Where in the value.</summary>
    public string Path { get; } = path;

    /// <summary>What is wrong there, without the path.</summary>
    public string Fault { get; } = fault;
}
