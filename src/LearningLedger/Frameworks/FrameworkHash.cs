using System.Security.Cryptography;
using System.Text.Json;
using LearningLedger.Integrity;

namespace LearningLedger.Frameworks;

/// <summary>What a definition is known by wherever it is quoted.</summary>
public static class FrameworkHash
{
    /// <summary>SHA-256 of the RFC 8785 form of <paramref name="definition"/>, its version included; 64 lower-case hex digits.</summary>
    /// <exception cref="CanonicalJsonException">Not possible for a definition that <see cref="FrameworkRules.Validate"/> lets pass.</exception>
    public static string Of(FrameworkDefinition definition) =>
        Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Bytes(JsonSerializer.SerializeToElement(definition, LedgerJson.Options))));
}
