using System.Globalization;
using System.Text.Json;
using LearningLedger.Service.Host;
using LearningLedger.Xapi;

namespace LearningLedger.Service.Xapi;

/// <summary>The parameters of a request's query, each checked. What is wrong is collected; nothing that is not known is let pass.</summary>
public sealed class Parameters
{
    private const int Longest = 8_192;

    private readonly Dictionary<string, string> values = [];
    private readonly List<Problems.Fault> faults = [];
    private readonly XapiVersion version;

    /// <summary>Reads the query.</summary>
    /// <param name="context">The request.</param>
    /// <param name="known">The parameters the resource takes.</param>
    public Parameters(HttpContext context, params ReadOnlySpan<string> known)
    {
        version = context.Xapi().Version;
        foreach (var (name, value) in context.Request.Query)
        {
            if (!known.Contains(name))
            {
                Fault(name.Length <= 80 ? name : name[..80], $"is not a parameter of this resource; these are: {string.Join(", ", known)}.");
            }
            else if (value.Count != 1 || value[0] is not { Length: <= Longest } text || text.Contains('\0'))
            {
                Fault(name, "must be given once, with at most 8192 characters.");
            }
            else
            {
                values[name] = text;
            }
        }
    }

    /// <summary>The answer when something is wrong, else null.</summary>
    public IResult? Problem => faults.Count == 0 ? null : XapiProblems.Invalid(faults);

    /// <summary>Whether it was given.</summary>
    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>Notes what is wrong with one.</summary>
    public void Fault(string name, string message) => faults.Add(new(null, name, message));

    /// <summary>A text; null when absent.</summary>
    public string? Text(string name, bool required = false)
    {
        if (values.TryGetValue(name, out var text) && text.Length > 0)
        {
            return text;
        }

        if (required && faults.TrueForAll(f => f.Field != name))
        {
            Fault(name, "is required.");
        }

        return null;
    }

    /// <summary>An absolute IRI.</summary>
    public string? Iri(string name, bool required = false)
    {
        var text = Text(name, required);
        if (text is null || XapiText.IsIri(text))
        {
            return text;
        }

        Fault(name, "must be an absolute IRI.");
        return null;
    }

    /// <summary>A UUID.</summary>
    public Guid? Uuid(string name, bool required = false)
    {
        if (Text(name, required) is not { } text)
        {
            return null;
        }

        if (Guid.TryParseExact(text, "D", out var value))
        {
            return value;
        }

        Fault(name, "must be a UUID.");
        return null;
    }

    /// <summary>A time, as the request's version writes it.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        // In a query the plus sign of a zone arrives as a blank from clients that do not encode it.
        if (XapiText.TryTime(text.Replace(' ', '+'), version, out var time))
        {
            return time;
        }

        Fault(name, "must be a time, such as 2026-03-01T09:30:00Z.");
        return null;
    }

    /// <summary><c>true</c> or <c>false</c>; false when absent.</summary>
    public bool Flag(string name)
    {
        if (Text(name) is not { } text)
        {
            return false;
        }

        if (text is not ("true" or "false"))
        {
            Fault(name, "must be true or false.");
        }

        return text == "true";
    }

    /// <summary>A whole number, 0 or more; 0 when absent.</summary>
    public int Count(string name)
    {
        if (Text(name) is not { } text)
        {
            return 0;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return count;
        }

        Fault(name, "must be a whole number, 0 or more.");
        return 0;
    }

    /// <summary>An agent or identified group as JSON.</summary>
    public JsonElement? Agent(string name, bool required = false)
    {
        if (Text(name, required) is not { } text)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text, XapiJson.Strict);
            var wrong = StatementRules.AgentFaults(document.RootElement);
            faults.AddRange(wrong.Select(f => new Problems.Fault(null, f.Field == "$" ? name : $"{name}.{f.Field}", f.Message)));
            return wrong.Count == 0 ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            Fault(name, "must be an agent or identified group in JSON.");
            return null;
        }
    }
}
