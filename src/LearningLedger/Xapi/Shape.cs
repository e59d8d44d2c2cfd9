using System.Text.Json;

namespace LearningLedger.Xapi;

/// <summary>One JSON object under examination. What is wrong goes to a list, each fault with the path of where it is.</summary>
/// <remarks>Paths are put together only when there is a fault: nearly all statements have none.</remarks>
internal sealed class Shape
{
    /// <summary>Faults noted at most; more would only repeat themselves.</summary>
    private const int MostFaults = 200;

    private readonly Shape? parent;
    private readonly string name;
    private readonly int index;
    private readonly List<FieldFault> faults;
    private MemberNames? known;
    private JsonElement[] values = [];

    private Shape(JsonElement element, Shape? parent, string name, int index, List<FieldFault> faults)
    {
        (Element, this.parent, this.name, this.index, this.faults) = (element, parent, name, index, faults);
    }

    /// <summary>The object.</summary>
    public JsonElement Element { get; }

    private string Path
    {
        get
        {
            var own = index < 0 ? name : $"{name}[{index}]";
            return parent is null || parent.Path.Length == 0 ? own : $"{parent.Path}.{own}";
        }
    }

    /// <summary>The outermost object, or null when it is none.</summary>
    public static Shape? Of(JsonElement element, List<FieldFault> faults)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            return new Shape(element, null, "", -1, faults);
        }

        faults.Add(new("$", "must be a JSON object."));
        return null;
    }

    /// <summary>Notes a fault of a member; of the object itself when <paramref name="member"/> is empty.</summary>
    public void Fault(string member, string message)
    {
        if (faults.Count < MostFaults)
        {
            var path = Path;
            faults.Add(new(path.Length == 0 ? (member.Length == 0 ? "$" : member) : member.Length == 0 ? path : $"{path}.{member}", message));
        }
    }

    /// <summary>Notes members that are not among <paramref name="names"/> and members that are null; xAPI allows neither.</summary>
    /// <remarks>Goes through the members once, and keeps what it sees: each that is asked for afterwards is at its place.</remarks>
    public void Only(MemberNames names)
    {
        known = names;
        values = new JsonElement[names.Count];
        foreach (var member in Element.EnumerateObject())
        {
            var place = names.Of(member);
            if (place >= 0)
            {
                values[place] = member.Value;
                if (member.Value.ValueKind == JsonValueKind.Null)
                {
                    Fault(member.Name, "must not be null; leave it out.");
                }
            }
            else
            {
                Fault(member.Name.Length <= 80 ? member.Name : member.Name[..80], $"is not a property here; these are: {names}.");
            }
        }
    }

    /// <summary>Whether the member is there, null or not.</summary>
    public bool Has(string member) => TryGet(member, out _);

    /// <summary>A member as it is, null or not.</summary>
    public bool TryGet(string member, out JsonElement value)
    {
        if (known?.Of(member) is not (>= 0 and var place))
        {
            return Element.TryGetProperty(member, out value);
        }

        value = values[place];
        return value.ValueKind != JsonValueKind.Undefined;
    }

    /// <summary>A string; null when absent or something else.</summary>
    public string? Text(string member, bool required = false)
    {
        if (!Find(member, required, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        Fault(member, "must be a string.");
        return null;
    }

    /// <summary>A string that satisfies <paramref name="rule"/>.</summary>
    /// <param name="member">Name of the member.</param>
    /// <param name="rule">Whether the text is good.</param>
    /// <param name="must">What is wrong otherwise, read after the path.</param>
    /// <param name="required">Whether it must be there.</param>
    public string? Text(string member, Func<string, bool> rule, string must, bool required = false)
    {
        var text = Text(member, required);
        if (text is null || rule(text))
        {
            return text;
        }

        Fault(member, must);
        return null;
    }

    /// <summary>An absolute IRI.</summary>
    public string? Iri(string member, bool required = false) => Text(member, XapiText.IsIri, "must be an absolute IRI, such as https://example.com/x.", required);

    /// <summary>A UUID.</summary>
    public Guid? Uuid(string member, bool required = false) =>
        Text(member, static t => Guid.TryParseExact(t, "D", out _), "must be a UUID in its usual form with hyphens.", required) is { } text
            ? Guid.ParseExact(text, "D")
            : null;

    /// <summary>A member that must be of one JSON kind.</summary>
    public void Kind(string member, string kind, params ReadOnlySpan<JsonValueKind> kinds)
    {
        if (Find(member, false, out var value) && !kinds.Contains(value.ValueKind))
        {
            Fault(member, $"must be {kind}.");
        }
    }

    /// <summary>A finite number.</summary>
    public double? Number(string member)
    {
        if (!Find(member, false, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number))
        {
            return number;
        }

        Fault(member, "must be a number.");
        return null;
    }

    /// <summary>The object a member holds; null when absent or something else.</summary>
    public Shape? Object(string member, bool required = false)
    {
        if (!Find(member, required, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return new Shape(value, this, member, -1, faults);
        }

        Fault(member, "must be an object.");
        return null;
    }

    /// <summary>The objects an array holds. A fault for everything else in it.</summary>
    public IEnumerable<Shape> Objects(string member)
    {
        if (!Find(member, false, out var value))
        {
            yield break;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Fault(member, "must be an array.");
            yield break;
        }

        var place = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object)
            {
                yield return new Shape(item, this, member, place, faults);
            }
            else
            {
                Fault($"{member}[{place}]", "must be an object.");
            }

            place++;
        }
    }

    /// <summary>An array of strings that satisfy a rule.</summary>
    public void Texts(string member, Func<string, bool>? rule = null, string must = "")
    {
        if (!Find(member, false, out var value))
        {
            return;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Fault(member, "must be an array of strings.");
            return;
        }

        var place = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String)
            {
                Fault($"{member}[{place}]", "must be a string.");
            }
            else if (rule?.Invoke(item.GetString()!) == false)
            {
                Fault($"{member}[{place}]", must);
            }

            place++;
        }
    }

    /// <summary>A language map: language tags (RFC 5646) to strings.</summary>
    public void LanguageMap(string member, bool required = false)
    {
        if (Object(member, required) is not { } map)
        {
            return;
        }

        foreach (var entry in map.Element.EnumerateObject())
        {
            if (!XapiText.IsLanguageTag(entry.Name))
            {
                map.Fault(entry.Name.Length <= 80 ? entry.Name : entry.Name[..80], "is not a language tag (RFC 5646), such as en-GB.");
            }
            else if (entry.Value.ValueKind != JsonValueKind.String)
            {
                map.Fault(entry.Name, "must be a string.");
            }
        }
    }

    /// <summary>Extensions: absolute IRIs to anything.</summary>
    public void Extensions(string member)
    {
        if (Object(member) is not { } map)
        {
            return;
        }

        foreach (var entry in map.Element.EnumerateObject())
        {
            if (!XapiText.IsIri(entry.Name))
            {
                map.Fault(entry.Name.Length <= 80 ? entry.Name : entry.Name[..80], "is not an absolute IRI, as the key of an extension must be.");
            }
        }
    }

    private bool Find(string member, bool required, out JsonElement value)
    {
        if (TryGet(member, out value))
        {
            // Only has noted a null already.
            return value.ValueKind != JsonValueKind.Null;
        }

        if (required)
        {
            Fault(member, "is required.");
        }

        return false;
    }
}
