using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity.Proofs;

/// <summary>A time-stamping authority, below a root, that stamps what time it is told.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 root;
    private readonly X509Certificate2 own;

    public TestAuthority(string name = "Test TSA")
    {
        using var rootKey = RSA.Create(2048);
        var rootRequest = new CertificateRequest($"CN={name} root", rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        root = rootRequest.CreateSelfSigned(At(2020), At(2040));

        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.8")], true));
        using var issued = request.Create(root, At(2021), At(2035), [1, 2, 3]);
        own = issued.CopyWithPrivateKey(key);
    }

    public TimeAuthority Own => new("own", HashOf(own));

    public TimeAuthority Root => new("root", HashOf(root));

    /// <summary>A token for a checkpoint.</summary>
    public TimeToken Stamp(SignedNote checkpoint, DateTimeOffset at, bool carriesRoot = true)
    {
        var request = TimeToken.Request(checkpoint, new byte[] { 1, 2, 3, 4 });
        var info = new Rfc3161TimestampTokenInfo(new Oid("1.2.3.4.1"), request.HashAlgorithmId, request.GetMessageHash(), new byte[] { 7 }, at, nonce: request.GetNonce());
        var cms = new SignedCms(new ContentInfo(new Oid("1.2.840.113549.1.9.16.1.4"), info.Encode()));
        var signer = new CmsSigner(own) { IncludeOption = X509IncludeOption.EndCertOnly, DigestAlgorithm = new Oid("2.16.840.1.101.3.4.2.1") };
        signer.SignedAttributes.Add(new AsnEncodedData(new Oid("1.2.840.113549.1.9.16.2.47"), SigningCertificate()));
        if (carriesRoot)
        {
            signer.Certificates.Add(X509CertificateLoader.LoadCertificate(root.RawData));
        }

        cms.ComputeSignature(signer);
        return new TimeToken(checkpoint, cms.Encode());
    }

    public void Dispose()
    {
        own.Dispose();
        root.Dispose();
    }

    /// <summary>SigningCertificateV2 of RFC 5816 with the SHA-256 of the certificate.</summary>
    private byte[] SigningCertificate()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteOctetString(SHA256.HashData(own.RawData));
        }

        return writer.Encode();
    }

    private static TreeHash HashOf(X509Certificate2 certificate) => new(SHA256.HashData(certificate.RawData));

    private static DateTimeOffset At(int year) => new(year, 1, 1, 0, 0, 0, TimeSpan.Zero);
}
