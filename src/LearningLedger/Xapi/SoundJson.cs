using System.Runtime.InteropServices;
using System.Text.Json;

namespace LearningLedger.Xapi;

/// <summary>What JSON's grammar lets through and no store can keep: NUL characters, halves of surrogate pairs, numbers without a double.</summary>
internal static class SoundJson
{
    /// <summary>Notes every such place.</summary>
    public static void Check(JsonElement element, List<FieldFault> faults)
    {
        // Paths are put together only when there is something to say.
        if (!IsSound(element))
        {
            Note(element, "", faults);
        }
    }

    private static bool IsSound(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    if ((JsonMarshal.GetRawUtf8PropertyName(member).Contains((byte)'\\') && Name(member) is null) || !IsSound(member.Value))
                    {
                        return false;
                    }
                }

                return true;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    if (!IsSound(item))
                    {
                        return false;
                    }
                }

                return true;
            case JsonValueKind.String:
                return IsText(element);
            case JsonValueKind.Number:
                return IsFinite(element);
            default:
                return true;
        }
    }

    private static void Note(JsonElement element, string path, List<FieldFault> faults)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    if (Name(member) is not { } name)
                    {
                        faults.Add(new(Or(path), "has a property whose name is no text."));
                        continue;
                    }

                    Note(member.Value, path.Length == 0 ? name : $"{path}.{name}", faults);
                }

                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                {
                    Note(item, $"{path}[{index++}]", faults);
                }

                break;
            case JsonValueKind.String when !IsText(element):
                faults.Add(new(Or(path), "holds a NUL character or half of a surrogate pair."));
                break;
            case JsonValueKind.Number when !IsFinite(element):
                faults.Add(new(Or(path), "is a number too large to keep."));
                break;
        }
    }

    private static bool IsFinite(JsonElement element) => element.TryGetDouble(out var number) && double.IsFinite(number);

    private static string Or(string path) => path.Length == 0 ? "$" : path;

    private static bool IsText(JsonElement element)
    {
        // What is not escaped was read as UTF-8 without control characters.
        if (!JsonMarshal.GetRawUtf8Value(element).Contains((byte)'\\'))
        {
            return true;
        }

        try
        {
            return !element.GetString()!.Contains('\0');
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string? Name(JsonProperty member)
    {
        try
        {
            return member.Name.Contains('\0') ? null : member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
