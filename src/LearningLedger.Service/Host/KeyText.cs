using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using LearningLedger.Integrity;

namespace LearningLedger.Service.Host;

/// <summary>An API key as text: <c>ll_id_secret</c>.</summary>
/// <param name="Id">1 to 32 of a-z, 0-9 and hyphen.</param>
/// <param name="Secret">64 lower-case hex digits.</param>
public sealed partial record KeyText(string Id, string Secret)
{
    /// <summary>A new key with a random id and secret.</summary>
    public static KeyText Make() => new(
        RandomNumberGenerator.GetHexString(16, lowercase: true), RandomNumberGenerator.GetHexString(64, lowercase: true));

    /// <summary>Reads a key, or null when it is malformed.</summary>
    public static KeyText? Parse(string text) => Form().Match(text) is { Success: true } m ? new(m.Groups[1].Value, m.Groups[2].Value) : null;

    /// <summary>What is stored of the secret. Plain SHA-256 is enough: the secret has 256 random bits.</summary>
    public byte[] SecretHash() => Sha256.Of(Encoding.ASCII.GetBytes(Secret));

    /// <inheritdoc/>
    public override string ToString() => $"ll_{Id}_{Secret}";

    [GeneratedRegex(@"\All_([a-z0-9-]{1,32})_([0-9a-f]{64})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
