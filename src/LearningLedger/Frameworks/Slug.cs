using System.Text;

namespace LearningLedger.Frameworks;

/// <summary>Codes: lower case, every run of characters outside a-z0-9 is one hyphen, none at the ends (<c>http-rest-grpc</c>).</summary>
public static class Slug
{
    /// <summary>Characters; the longest code of the nine seed milestones takes 51. Codes stand in URLs, file names and index keys.</summary>
    public const int Longest = 100;

    /// <summary>Whether <paramref name="code"/> is a code: not empty, at most <see cref="Longest"/> characters, and its own slug.</summary>
    public static bool IsValid(string? code)
    {
        if (string.IsNullOrEmpty(code) || code.Length > Longest || code[0] == '-' || code[^1] == '-')
        {
            return false;
        }

        for (var i = 0; i < code.Length; i++)
        {
            if (!char.IsAsciiLetterLower(code[i]) && !char.IsAsciiDigit(code[i]) && (code[i] != '-' || code[i - 1] == '-'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The code of a title. Empty when the title has no ASCII letter or digit; never cut, as cut codes could meet.</summary>
    public static string Of(string title)
    {
        var code = new StringBuilder(title.Length);
        var gap = false;
        foreach (var c in title)
        {
            // ASCII only: the Kelvin sign is lower-cased to k elsewhere, and would make two spellings of one code.
            if (!char.IsAsciiLetterOrDigit(c))
            {
                gap = true;
                continue;
            }

            if (gap && code.Length > 0)
            {
                code.Append('-');
            }

            gap = false;
            code.Append(char.ToLowerInvariant(c));
        }

        return code.ToString();
    }
}
