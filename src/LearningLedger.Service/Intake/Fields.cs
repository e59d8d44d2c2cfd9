using System.Text.Json;
using System.Text.RegularExpressions;
using LearningLedger.Service.Host;

namespace LearningLedger.Service.Intake;

/// <summary>Reads members of one JSON object, noting what is wrong with each; a member with null counts as absent.</summary>
/// <param name="element">The object.</param>
/// <param name="index">The event's position in the request.</param>
/// <param name="prefix">Path to the object, ending in a dot unless empty.</param>
/// <param name="faults">Where faults go.</param>
public sealed partial class Fields(JsonElement element, int index, string prefix, List<Problems.Fault> faults)
{
    /// <summary>The object.</summary>
    public JsonElement Element => element;

    /// <summary>Notes a fault of a member.</summary>
    public void Fault(string field, string message) => faults.Add(new(index, prefix + field, message));

    /// <summary>A non-empty string of at most <paramref name="most"/> characters; null when absent or wrong.</summary>
    public string? Text(string field, int most, bool required = true)
    {
        if (!Find(field, required, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            Fault(field, "must be a string.");
            return null;
        }

        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            Fault(field, "holds half of a surrogate pair.");
            return null;
        }

        var wrong = text.Length == 0 ? "must not be empty."
            : text.Length > most ? $"must not be longer than {most} characters."
            : text.Contains('\0') ? "holds a NUL character."
            : null;
        if (wrong is not null)
        {
            Fault(field, wrong);
        }

        return wrong is null ? text : null;
    }

    /// <summary>A code (slug).</summary>
    public string? Code(string field, bool required = true)
    {
        var text = Text(field, Limits.Code, required);
        if (text is not null && !Slug().IsMatch(text))
        {
            Fault(field, "must be a code: a-z, 0-9 and single hyphens inside.");
            return null;
        }

        return text;
    }

    /// <summary>A URI reference, as CloudEvents allows for a source: with or without a scheme.</summary>
    public string? UriReference(string field)
    {
        var text = Text(field, Limits.Uri);
        if (text is not null && text.AsSpan().ContainsAny(" <>\"{}|\\^`\t\r\n"))
        {
            Fault(field, "must be a URI.");
            return null;
        }

        return text;
    }

    /// <summary>An absolute IRI: a scheme, a colon, and no white space or quotes after it.</summary>
    public string? Iri(string field)
    {
        // Not left to Uri.TryCreate, which takes a rooted path for absolute on some systems.
        var text = Text(field, Limits.Uri, required: false);
        if (text is not null && !AbsoluteIri().IsMatch(text))
        {
            Fault(field, "must be an absolute URI or IRI.");
            return null;
        }

        return text;
    }

    /// <summary>A UUID with hyphens.</summary>
    public Guid? Uuid(string field, bool required = true)
    {
        if (Text(field, 36, required) is not { } text)
        {
            return null;
        }

        if (Guid.TryParseExact(text, "D", out var value))
        {
            return value;
        }

        Fault(field, "must be a UUID.");
        return null;
    }

    /// <summary>The member, unless it is absent or null.</summary>
    public bool Find(string field, bool required, out JsonElement value)
    {
        if (element.TryGetProperty(field, out value) && value.ValueKind != JsonValueKind.Null)
        {
            return true;
        }

        if (required)
        {
            Fault(field, "is required.");
        }

        return false;
    }

    /// <summary>Notes every member that is not among <paramref name="known"/>, so that a misspelt one is not lost in silence.</summary>
    public void RefuseOthers(params ReadOnlySpan<string> known)
    {
        foreach (var member in element.EnumerateObject())
        {
            if (!IsAmong(member, known))
            {
                Fault(member.Name.Length <= Limits.Code ? member.Name : member.Name[..Limits.Code], $"is not a field of this type; it takes {string.Join(", ", known)}.");
            }
        }
    }

    /// <summary>As it stands in the text: a string for each name of each event would be much for nothing.</summary>
    private static bool IsAmong(JsonProperty member, ReadOnlySpan<string> known)
    {
        foreach (var name in known)
        {
            if (member.NameEquals(name))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Slug();

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9+.-]*:[^\s<>""{}|\\^`]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex AbsoluteIri();
}
