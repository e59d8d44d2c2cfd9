using System.Text.RegularExpressions;

namespace LearningLedger.Erasure;

/// <summary>What an erasure may say of itself. It outlives what it erases, so nothing in it may name a person.</summary>
public static partial class ErasureRules
{
    /// <summary>A refusal unless both are well formed.</summary>
    /// <param name="ground">Code of the legal ground: 1 to 63 of <c>a-z0-9-</c>.</param>
    /// <param name="reference">Where the request is filed: 1 to 64 of <c>A-Za-z0-9._/-</c>, or null.</param>
    public static Refusal? Check(string? ground, string? reference) =>
        !ReasonCode.IsValid(ground)
            ? new Refusal.Invalid("ground", "The legal ground is a code of 1 to 63 characters a-z, 0-9 and hyphen, such as gdpr-17-1-b. It stays for ever.")
        : reference is not null && !Reference().IsMatch(reference)
            ? new Refusal.Invalid("reference", "A reference is 1 to 64 of A-Z, a-z, 0-9, '.', '_', '/' and '-', such as a file number. It stays for ever, so it must not name the person.")
        : null;

    [GeneratedRegex(@"\A[A-Za-z0-9._/-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
