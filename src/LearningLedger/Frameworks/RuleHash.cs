using System.Security.Cryptography;
using System.Text.Json;
using LearningLedger.Integrity;

namespace LearningLedger.Frameworks;

/// <summary>What pins an award to the very rule it was granted under.</summary>
public static class RuleHash
{
    /// <summary>SHA-256 of the RFC 8785 form of <c>{code, skills, rule}</c> of the milestone: 64 lower-case hex digits.</summary>
    /// <remarks>Titles are left out: a spelling mended in the next version is not another rule.</remarks>
    /// <exception cref="CanonicalJsonException">The passing score is a number no double holds exactly; such a framework cannot be published.</exception>
    public static string Of(Milestone milestone)
    {
        var rule = JsonSerializer.SerializeToUtf8Bytes(new { milestone.Code, milestone.Skills, milestone.Rule }, LedgerJson.Options);
        return Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Bytes(rule)));
    }
}
