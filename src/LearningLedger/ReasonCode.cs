using System.Text.RegularExpressions;

namespace LearningLedger;

/// <summary>The code that says why a person decided: words belong into the note, which is sealed.</summary>
public static partial class ReasonCode
{
    /// <summary>1 to 63 of <c>a-z0-9-</c>, not beginning with a hyphen.</summary>
    public static bool IsValid(string? code) => code is not null && Form().IsMatch(code);

    /// <summary>A refusal unless <paramref name="code"/> is valid.</summary>
    internal static Refusal? Check(string? code) => IsValid(code)
        ? null
        : new Refusal.Invalid("reason", "A reason is a code of 1 to 63 characters a-z, 0-9 and hyphen; what it means in words goes into the note.");

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
