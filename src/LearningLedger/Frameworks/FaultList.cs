using System.Text;

namespace LearningLedger.Frameworks;

/// <summary>Faults as they are found, with the checks that several fields share.</summary>
internal sealed class FaultList
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly List<FieldFault> faults = [];

    public IReadOnlyList<FieldFault> All => faults;

    public void Add(string field, string message) => faults.Add(new FieldFault(field, message));

    public void AddRange(IEnumerable<FieldFault> more) => faults.AddRange(more);

    /// <summary>A code; false when it is not one.</summary>
    public bool Code(string field, string? code)
    {
        if (Slug.IsValid(code))
        {
            return true;
        }

        Add(field, code is null ? "is missing" : $"must be a code: a-z, 0-9 and single hyphens within, at most {Slug.Longest} characters");
        return false;
    }

    /// <summary>Text for people: something to read, of bounded length, no control characters, and expressible in UTF-8.</summary>
    public void Text(string field, string? text, int longest)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            Add(field, text is null ? "is missing" : "is empty");
        }
        else if (text.Length > longest)
        {
            Add(field, $"is longer than {longest} characters");
        }
        else if (text.Any(c => char.IsControl(c) && c is not '\n') || !IsUnicode(text))
        {
            Add(field, "holds characters that are no text");
        }
    }

    /// <summary>A list with something in it; false when there is nothing to look through.</summary>
    public bool Items<T>(string field, IReadOnlyList<T>? items, int most)
    {
        if (items is { Count: > 0 } && items.Count <= most)
        {
            return true;
        }

        Add(field, items is null ? "is missing" : items.Count == 0 ? "is empty" : $"has more than {most} entries");
        return false;
    }

    private static bool IsUnicode(string text)
    {
        try
        {
            StrictUtf8.GetByteCount(text);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
