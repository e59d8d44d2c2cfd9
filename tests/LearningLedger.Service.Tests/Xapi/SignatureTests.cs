using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using static LearningLedger.Service.Tests.Xapi.XapiClient;

namespace LearningLedger.Service.Tests.Xapi;

/// <summary>A service that trusts one root for signed statements.</summary>
public sealed class TrustingFixture : LedgerFixture
{
    private static readonly TestDirectory Directory = new();

    public TrustingFixture() : base(new Dictionary<string, string?> { ["Ledger:Xapi:SignatureRoots"] = Write() })
    {
    }

    internal static CertificateMaker Root { get; } = CertificateMaker.Root("CN=Example College");

    private static string Write()
    {
        System.IO.Directory.CreateDirectory(Directory.Data);
        var file = Path.Combine(Directory.Data, "roots.pem");
        File.WriteAllText(file, Root.Certificate.ExportCertificatePem());
        return file;
    }
}

/// <summary>Makes certificates for tests.</summary>
internal sealed record CertificateMaker(X509Certificate2 Certificate, RSA Key)
{
    private static readonly DateTimeOffset From = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset To = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal string Base64 => Convert.ToBase64String(Certificate.RawData);

    internal static CertificateMaker Root(string name)
    {
        var key = RSA.Create(2048);
        return new(Request(name, key, isAuthority: true).CreateSelfSigned(From, To), key);
    }

    internal CertificateMaker Issue(string name, bool isAuthority = false)
    {
        var key = RSA.Create(2048);
        var certificate = Request(name, key, isAuthority).Create(
            Certificate.SubjectName, X509SignatureGenerator.CreateForRSA(Key, RSASignaturePadding.Pkcs1), From, To, RandomNumberGenerator.GetBytes(8));
        return new(certificate, key);
    }

    private static CertificateRequest Request(string name, RSA key, bool isAuthority)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        return request;
    }
}

public sealed class SignatureTests(TrustingFixture fixture) : IClassFixture<TrustingFixture>
{
    private const string Usage = "http://adlnet.gov/expapi/attachments/signature";
    private static readonly CertificateMaker Between = TrustingFixture.Root.Issue("CN=Examinations", isAuthority: true);
    private static readonly CertificateMaker Signer = Between.Issue("CN=Examiner");
    private static readonly CertificateMaker Stranger = CertificateMaker.Root("CN=Somebody");

    [Theory]
    [InlineData("the whole chain", "2026-03-01T10:00:00Z", "verified")]
    [InlineData("the chain with its root", "2026-03-01T10:00:00Z", "verified")]
    [InlineData("a link missing", "2026-03-01T10:00:00Z", "untrusted")]
    [InlineData("a stranger", "2026-03-01T10:00:00Z", "untrusted")]
    [InlineData("the whole chain", "2024-03-01T10:00:00Z", "untrusted")]
    [InlineData("no certificate", "2026-03-01T10:00:00Z", "unverifiable")]
    public async Task Keeps_the_verdict_on_a_signature(string chain, string time, string verdict)
    {
        var (signer, x5c) = chain switch
        {
            "the whole chain" => (Signer, new[] { Signer, Between }),
            "the chain with its root" => (Signer, [Signer, Between, TrustingFixture.Root]),
            "a link missing" => (Signer, [Signer]),
            "a stranger" => (Stranger, [Stranger]),
            _ => (Signer, null),
        };
        var tenant = await fixture.TenantAsync(false);
        using var client = await tenant.XapiAsync("1.0.3", Scopes.AllOfXapi);
        using var answer = await PostAsync(client, signer, x5c, time, statement => statement);
        await answer.ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(verdict, await fixture.AskAsync<string>($"select data ->> 'signature' from ledger.mt_events where tenant_id = '{tenant.Name}' and type = 'statement.stored'"));
    }

    [Theory]
    [InlineData("another key")]
    [InlineData("another statement")]
    [InlineData("no certificates in x5c")]
    [InlineData("no certificate at all")]
    public async Task Refuses_a_signature_that_is_false(string fault)
    {
        var tenant = await fixture.TenantAsync(false);
        using var client = await tenant.XapiAsync("1.0.3", Scopes.AllOfXapi);
        using var answer = fault switch
        {
            "another key" => await PostAsync(client, Stranger, [Signer, Between], "2026-03-01T10:00:00Z", s => s),
            "another statement" => await PostAsync(client, Signer, [Signer, Between], "2026-03-01T10:00:00Z", s => s.Replace("\"ann\"", "\"bob\"", StringComparison.Ordinal)),
            "no certificates in x5c" => await PostAsync(client, Signer, [], "2026-03-01T10:00:00Z", s => s),
            _ => await SignAsync(client, Signer, ["AAAA"], "2026-03-01T10:00:00Z", s => s),
        };

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(0, await fixture.AskAsync<long>($"select count(*) from ledger.mt_events where tenant_id = '{tenant.Name}' and type = 'statement.stored'"));
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, CertificateMaker signer, CertificateMaker[]? x5c, string time, Func<string, string> change) =>
        SignAsync(client, signer, x5c?.Select(c => c.Base64).ToArray(), time, change);

    /// <summary>Signs a statement and posts what <paramref name="change"/> makes of it with the signature.</summary>
    private static async Task<HttpResponseMessage> SignAsync(HttpClient client, CertificateMaker signer, string[]? x5c, string time, Func<string, string> change)
    {
        var plain = Statement(Guid.NewGuid(), rest: $",\"timestamp\":\"{time}\"");
        var header = JsonSerializer.Serialize(x5c is null ? new Dictionary<string, object> { ["alg"] = "RS256" } : new Dictionary<string, object> { ["alg"] = "RS256", ["x5c"] = x5c });
        var input = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(plain))}";
        var signature = signer.Key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var jws = Encoding.ASCII.GetBytes($"{input}.{Base64Url.EncodeToString(signature)}");
        var sha2 = Convert.ToHexStringLower(SHA256.HashData(jws));
        var attachment = $$"""{"usageType":"{{Usage}}","display":{"en":"Signature"},"contentType":"application/octet-stream","length":{{jws.Length}},"sha2":"{{sha2}}"}""";
        using var content = new MultipartContent("mixed") { LedgerFixture.Json(change(plain)[..^1] + $",\"attachments\":[{attachment}]}}") };
        var part = new ByteArrayContent(jws);
        part.Headers.ContentType = new("application/octet-stream");
        part.Headers.Add("Content-Transfer-Encoding", "binary");
        part.Headers.Add("X-Experience-API-Hash", sha2);
        content.Add(part);
        return await client.PostAsync(Statements, content);
    }
}
