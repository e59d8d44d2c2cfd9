using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace LearningLedger.Integrity;

/// <summary>A time-stamping authority somebody trusts.</summary>
/// <param name="Name">How who trusts it calls it.</param>
/// <param name="Certificate">SHA-256 of a certificate: the authority's own, or one that stands above it and that its tokens carry.</param>
public sealed record TimeAuthority(string Name, TreeHash Certificate);

/// <summary>That a signed checkpoint existed at a time, on the word of a time-stamping authority: RFC 3161.</summary>
/// <param name="Checkpoint">The checkpoint; what is stamped are its bytes as written.</param>
/// <param name="Token">The authority's token, DER.</param>
public sealed record TimeToken(SignedNote Checkpoint, byte[] Token)
{
    /// <summary>What an authority is asked to stamp. It is asked for its certificate too, or the token could not be checked offline.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="nonce">Bytes nobody can guess, which the answer must repeat.</param>
    public static Rfc3161TimestampRequest Request(SignedNote checkpoint, ReadOnlyMemory<byte> nonce) => Rfc3161TimestampRequest.CreateFromData(
        Encoding.UTF8.GetBytes(checkpoint.ToString()), HashAlgorithmName.SHA256, nonce: nonce, requestSignerCertificates: true);

    /// <summary>The time, if the token is one for this checkpoint.</summary>
    /// <param name="authorities">Whom to trust.</param>
    /// <returns>The time, and the authority; null: none of those. Then the time is nobody's word.</returns>
    /// <exception cref="NoteException">Not a token for this checkpoint.</exception>
    public (DateTimeOffset Time, TimeAuthority? Authority) Verify(IReadOnlyCollection<TimeAuthority> authorities)
    {
        try
        {
            if (!Rfc3161TimestampToken.TryDecode(Token, out var token, out var read) || read != Token.Length)
            {
                throw new NoteException(NoteFault.Malformed, "A timestamp is not an RFC 3161 token.");
            }

            if (!token.VerifySignatureForData(Encoding.UTF8.GetBytes(Checkpoint.ToString()), out var signer))
            {
                throw new NoteException(NoteFault.Invalid, "A timestamp is not for the checkpoint beside it, or its signature is false.");
            }

            var time = token.TokenInfo.Timestamp;
            return (time, Above(signer, token.AsSignedCms().Certificates, time).Select(hash => authorities.FirstOrDefault(a => a.Certificate == hash)).OfType<TimeAuthority>().FirstOrDefault());
        }
        catch (CryptographicException e)
        {
            throw new NoteException(NoteFault.Malformed, $"A timestamp cannot be read: {e.Message}");
        }
    }

    /// <summary>The authority's certificate and those that vouch for it, each by the one after it, as of the token's time; only the authority's own where the chain is not whole.</summary>
    private static List<TreeHash> Above(X509Certificate2 signer, X509Certificate2Collection carried, DateTimeOffset time)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust; // nobody is trusted but by the policy's hash
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.UtcDateTime;
        chain.ChainPolicy.ExtraStore.AddRange(carried);
        var isSound = chain.Build(signer);
        return [.. (isSound ? chain.ChainElements.Select(element => element.Certificate) : [signer]).Select(certificate => new TreeHash(SHA256.HashData(certificate.RawData)))];
    }
}
