using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using LearningLedger.Integrity;

namespace LearningLedger.Service.Host;

/// <summary>An API key as text: <c>ll_id_secret</c>.</summary>
/// <param name="Id">1 to 32 of a-z, 0-9 and hyphen.</param>
/// <param name="Secret">64 lower-case hex digits.</param>
public sealed record KeyText(string Id, string Secret)
{
    private const string Start = "ll_";
    private const int LongestId = 32;
    private const int SecretLength = 64;
    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly SearchValues<char> SecretCharacters = SearchValues.Create("0123456789abcdef");

    /// <summary>A new key with a random id and secret.</summary>
    public static KeyText Make() => new(
        RandomNumberGenerator.GetHexString(16, lowercase: true), RandomNumberGenerator.GetHexString(SecretLength, lowercase: true));

    /// <summary>Reads a key, or null when it is malformed.</summary>
    public static KeyText? Parse(ReadOnlySpan<char> text)
    {
        // Of every request; a regular expression would make a dozen objects for it.
        if (!text.StartsWith(Start, StringComparison.Ordinal) || text.Length < Start.Length + 1 + 1 + SecretLength || text[^(SecretLength + 1)] != '_')
        {
            return null;
        }

        var id = text[Start.Length..^(SecretLength + 1)];
        var secret = text[^SecretLength..];
        return id.Length <= LongestId && !id.ContainsAnyExcept(IdCharacters) && !secret.ContainsAnyExcept(SecretCharacters) ? new(id.ToString(), secret.ToString()) : null;
    }

    /// <summary>What is stored of the secret. Plain SHA-256 is enough: the secret has 256 random bits.</summary>
    public byte[] SecretHash() => Sha256.Of(Encoding.ASCII.GetBytes(Secret));

    /// <inheritdoc/>
    public override string ToString() => $"{Start}{Id}_{Secret}";
}
