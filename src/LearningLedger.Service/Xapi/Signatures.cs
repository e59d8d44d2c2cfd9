using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using LearningLedger.Service.Host;
using LearningLedger.Xapi;

namespace LearningLedger.Service.Xapi;

/// <summary>Signed statements (xAPI 1.0.3, part 2, section 2.6): a JWS (RFC 7515) whose payload is the statement before it was signed.</summary>
internal sealed class Signatures
{
    private const string Verified = "verified";
    private const string Untrusted = "untrusted";
    private const string Unverifiable = "unverifiable";

    private readonly X509Certificate2Collection? roots;

    /// <summary>Verifies with the roots an operator trusts, or with the system's.</summary>
    public Signatures(LedgerSettings settings) => roots = Roots(settings.Xapi.SignatureRoots);

    /// <summary>The certificates of a file, PEM; null: none is named.</summary>
    /// <exception cref="LedgerStartException">It cannot be read, or has none.</exception>
    private static X509Certificate2Collection? Roots(string? file)
    {
        if (file is null)
        {
            return null;
        }

        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(file);
            return certificates.Count > 0 ? certificates : throw new LedgerStartException($"{file} (Ledger__Xapi__SignatureRoots) has no certificate.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new LedgerStartException($"{file} (Ledger__Xapi__SignatureRoots) cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Verifies the statement's signature.</summary>
    /// <returns>The verdict, null when it is not signed; or what is wrong with it.</returns>
    public (string? Verdict, string? Fault) Check(JsonElement statement, StatementBody body, XapiVersion version)
    {
        if (!statement.TryGetProperty("attachments", out var attachments))
        {
            return default;
        }

        string? verdict = null;
        foreach (var attachment in attachments.EnumerateArray().Where(a => a.GetProperty("usageType").ValueEquals(StatementComparison.Signature)))
        {
            if (attachment.GetProperty("contentType").GetString() != "application/octet-stream")
            {
                return (null, "A signature must be application/octet-stream.");
            }

            if (body.Attached?.TryGetValue(attachment.GetProperty("sha2").GetString()!.ToLowerInvariant(), out var bytes) != true)
            {
                return (null, "A signature must come with the statement.");
            }

            (verdict, var fault) = Verify(statement, Encoding.ASCII.GetString(bytes!.Content.Span), version);
            if (fault is not null)
            {
                return (null, fault);
            }
        }

        return (verdict, null);
    }

    private (string? Verdict, string? Fault) Verify(JsonElement statement, string jws, XapiVersion version)
    {
        if (jws.Trim().Split('.') is not [var head, var payload, var signature]
            || Decode(head) is not { } headBytes || Decode(payload) is not { } payloadBytes || Decode(signature) is not { } signatureBytes)
        {
            return (null, "The signature is not a JWS in compact form.");
        }

        using var header = XapiJson.Read(headBytes, out _);
        using var signed = XapiJson.Read(payloadBytes, out _);
        if (header?.RootElement.ValueKind != JsonValueKind.Object || signed is null || StatementRules.Faults(signed.RootElement, version).Count > 0)
        {
            return (null, "The signature's header or payload is not what it must be: the payload is the statement before it was signed.");
        }

        HashAlgorithmName? hash = header.RootElement.TryGetProperty("alg", out var alg) && alg.ValueKind == JsonValueKind.String
            ? alg.GetString() switch
            {
                "RS256" => HashAlgorithmName.SHA256,
                "RS384" => HashAlgorithmName.SHA384,
                "RS512" => HashAlgorithmName.SHA512,
                _ => null,
            }
            : null;
        if (hash is null)
        {
            return (null, "The signature's algorithm must be RS256, RS384 or RS512.");
        }

        if (!StatementComparison.OfUnsigned(statement).AsSpan().SequenceEqual(StatementComparison.OfUnsigned(signed.RootElement))
            || StatementText.Timestamp(signed.RootElement) is { } time && time != StatementText.Timestamp(statement))
        {
            return (null, "The signature is of another statement.");
        }

        return ByCertificate(header.RootElement, Encoding.ASCII.GetBytes($"{head}.{payload}"), signatureBytes, hash.Value, StatementText.Timestamp(statement));
    }

    private (string? Verdict, string? Fault) ByCertificate(
        JsonElement header, byte[] input, byte[] signature, HashAlgorithmName hash, DateTimeOffset? time)
    {
        if (!header.TryGetProperty("x5c", out var x5c))
        {
            // The specification lets a signer leave the certificate out; then nobody can tell whose signature it is.
            return (Unverifiable, null);
        }

        var certificates = new List<X509Certificate2>();
        try
        {
            certificates.AddRange(x5c.EnumerateArray().Take(10).Select(c => X509CertificateLoader.LoadCertificate(c.GetBytesFromBase64())));
            using var key = certificates.Count > 0 ? certificates[0].GetRSAPublicKey() : null;
            if (key is null || !key.VerifyData(input, signature, hash, RSASignaturePadding.Pkcs1))
            {
                return (null, "The signature is not by the key of the first certificate in x5c.");
            }

            using var chain = new X509Chain();
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.DisableCertificateDownloads = true;
            if (roots is not null)
            {
                chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                chain.ChainPolicy.CustomTrustStore.AddRange(roots);
            }

            chain.ChainPolicy.ExtraStore.AddRange(certificates.Skip(1).ToArray());
            if (time is not null)
            {
                chain.ChainPolicy.VerificationTime = time.Value.UtcDateTime;
            }

            return (chain.Build(certificates[0]) ? Verified : Untrusted, null);
        }
        catch (Exception e) when (e is CryptographicException or FormatException or InvalidOperationException)
        {
            return (null, "The certificates in x5c cannot be read.");
        }
        finally
        {
            certificates.ForEach(c => c.Dispose());
        }
    }

    private static byte[]? Decode(string text)
    {
        try
        {
            return Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
