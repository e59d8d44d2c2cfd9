using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LearningLedger.Integrity;

namespace LearningLedger.Xapi;

/// <summary>The form in which two statements of one id are compared: equal forms say the same (xAPI 1.0.3, part 2, section 2.3.1; 2.0.0, section 4.2.3).</summary>
/// <remarks>
/// Left out is what a store sets or may know better: <c>id</c>, <c>stored</c>, <c>authority</c>, <c>version</c>, <c>timestamp</c> (compared apart, as an
/// instant), the display of verbs, the definition of activities, and what only shows an attachment. The order of group members, context activities
/// and attachments does not count, nor does an <c>objectType</c> that goes without saying; durations are told apart to 0.01 s, numbers as doubles.
/// </remarks>
public static class StatementComparison
{
    private enum Part
    {
        Plain,
        Statement,
        Unsigned,
        SubStatement,
        Actor,
        Verb,
        Target,
        Activity,
        Result,
        Context,
        ContextActivities,
        Attachments,
        OtherAttachments,
        Members,
        Activities,
        Attachment,
        Duration,
        Identifier,
    }

    private static readonly char[] Plain = [.. Enumerable.Range(0, 0x80).Select(c => (char)c).Where(c => JsonEncodedText.Encode(c.ToString()).Value == c.ToString())];
    private static readonly SearchValues<char> Unescaped = SearchValues.Create(Plain);
    private static readonly SearchValues<byte> UnescapedBytes = SearchValues.Create([.. Plain.Select(c => (byte)c)]);

    /// <summary>The usage type of an attachment that is the statement's signature.</summary>
    public const string Signature = "http://adlnet.gov/expapi/attachments/signature";

    /// <summary>The form of a valid statement, in UTF-8.</summary>
    public static byte[] Of(JsonElement statement)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        Write(statement, Part.Statement, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The form of a valid statement as it was when it was signed: without its signature.</summary>
    public static byte[] OfUnsigned(JsonElement statement)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        Write(statement, Part.Unsigned, output);
        return output.WrittenSpan.ToArray();
    }

    private static void Write(JsonElement element, Part part, ArrayBufferWriter<byte> output)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object when part is Part.Activities:
                // A single context activity is a list of one.
                output.Write("["u8);
                Write(element, Part.Activity, output);
                output.Write("]"u8);
                break;
            case JsonValueKind.Object:
                WriteObject(element, part == Part.Target ? TargetOf(element) : part, output);
                break;
            case JsonValueKind.Array:
                WriteArray(element, part, output);
                break;
            case JsonValueKind.String when part == Part.Duration:
                WriteText(XapiText.Hundredths(element.GetString()!), output);
                break;
            case JsonValueKind.String when part == Part.Identifier:
                WriteText(element.GetString()!.ToLowerInvariant(), output);
                break;
            case JsonValueKind.String:
                // Nearly every text is written as it came.
                var raw = JsonMarshal.GetRawUtf8Value(element);
                if (raw[1..^1].ContainsAnyExcept(UnescapedBytes))
                {
                    WriteText(element.GetString()!, output);
                }
                else
                {
                    output.Write(raw);
                }

                break;
            case JsonValueKind.Number:
                Encoding.UTF8.GetBytes(CanonicalJson.Number(element.GetDouble()), output);
                break;
            default:
                Encoding.UTF8.GetBytes(element.GetRawText(), output);
                break;
        }
    }

    private static void WriteObject(JsonElement element, Part part, ArrayBufferWriter<byte> output)
    {
        var members = new List<(string Name, JsonElement Value, Part Part)>(element.GetPropertyCount());
        foreach (var member in element.EnumerateObject())
        {
            var name = member.Name;
            if (Inside(part, name, member.Value) is { } inner)
            {
                members.Add((name, member.Value, inner));
            }
        }

        members.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        output.Write("{"u8);
        var first = true;
        foreach (var (name, value, inner) in members)
        {
            if (!first)
            {
                output.Write(","u8);
            }

            first = false;
            WriteText(name, output);
            output.Write(":"u8);
            Write(value, inner, output);
        }

        output.Write("}"u8);
    }

    private static void WriteArray(JsonElement element, Part part, ArrayBufferWriter<byte> output)
    {
        var item = part switch { Part.Members => Part.Actor, Part.Activities => Part.Activity, Part.Attachments or Part.OtherAttachments => Part.Attachment, _ => part };
        if (element.GetArrayLength() == 1 && part != Part.OtherAttachments)
        {
            // Most lists hold one: there is nothing to put in order.
            output.Write("["u8);
            Write(element[0], item, output);
            output.Write("]"u8);
            return;
        }

        var items = new List<byte[]>();
        foreach (var value in element.EnumerateArray().Where(v => part != Part.OtherAttachments || !IsSignature(v)))
        {
            var inner = new ArrayBufferWriter<byte>(128);
            Write(value, item, inner);
            items.Add(inner.WrittenSpan.ToArray());
        }

        if (item != part)
        {
            items.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        }

        output.Write("["u8);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                output.Write(","u8);
            }

            output.Write(items[i]);
        }

        output.Write("]"u8);
    }

    private static Part TargetOf(JsonElement target) =>
        !target.TryGetProperty("objectType", out var type) ? Part.Activity
        : type.GetString() switch
        {
            "Agent" or "Group" => Part.Actor,
            "SubStatement" => Part.SubStatement,
            "StatementRef" => Part.Plain,
            _ => Part.Activity,
        };

    /// <returns>What a member is; null when it is left out.</returns>
    private static Part? Inside(Part part, string name, JsonElement value) => (part, name) switch
    {
        (Part.Unsigned, "attachments") => value.EnumerateArray().All(IsSignature) ? null : Part.OtherAttachments,
        (Part.Unsigned, _) => Inside(Part.Statement, name, value),
        (Part.Statement, "id" or "stored" or "authority" or "version" or "timestamp") => null,
        (Part.Statement or Part.SubStatement, "actor") => Part.Actor,
        (Part.Statement or Part.SubStatement, "verb") => Part.Verb,
        (Part.Statement or Part.SubStatement, "object") => Part.Target,
        (Part.Statement or Part.SubStatement, "result") => Part.Result,
        (Part.Statement or Part.SubStatement, "context") => Part.Context,
        (Part.Statement or Part.SubStatement, "attachments") => Part.Attachments,
        (Part.Verb, not "id") => null,
        (Part.Activity, not "id") => null,
        (Part.Actor, "objectType") when value.ValueEquals("Agent") => null,
        (Part.Actor, "member") => Part.Members,
        (Part.Actor, "mbox_sha1sum") => Part.Identifier,
        (Part.Result, "duration") => Part.Duration,
        (Part.Context, "registration") => Part.Identifier,
        (Part.Context, "instructor" or "team") => Part.Actor,
        (Part.Context, "contextActivities") => Part.ContextActivities,
        (Part.Context, "statement") => Part.Plain,
        (Part.ContextActivities, _) => Part.Activities,
        (Part.Attachment, "display" or "description" or "fileUrl") => null,
        (Part.Attachment, "sha2") => Part.Identifier,
        _ => Part.Plain,
    };

    private static bool IsSignature(JsonElement attachment) => attachment.GetProperty("usageType").ValueEquals(Signature);

    private static void WriteText(string text, ArrayBufferWriter<byte> output)
    {
        output.Write("\""u8);
        if (!text.AsSpan().ContainsAnyExcept(Unescaped))
        {
            Encoding.ASCII.GetBytes(text, output);
        }
        else
        {
            output.Write(JsonEncodedText.Encode(text).EncodedUtf8Bytes);
        }

        output.Write("\""u8);
    }
}
