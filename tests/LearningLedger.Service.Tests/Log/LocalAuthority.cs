using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LearningLedger.Service.Tests.Log;

/// <summary>A time-stamping authority by openssl, below a root of its own, served over HTTP.</summary>
internal sealed class LocalAuthority : IDisposable
{
    private const string Configuration =
        """
        [tsa]
        default_tsa = own
        [own]
        serial = serial
        crypto_device = builtin
        signer_cert = tsa.pem
        certs = root.pem
        signer_key = tsa.key
        signer_digest = sha256
        default_policy = 1.2.3.4.1
        digests = sha256
        ess_cert_id_alg = sha256
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ledger-tsa-");
    private readonly HttpListener listener = new();

    public LocalAuthority()
    {
        Write("tsa.cnf", Configuration);
        Write("serial", "01\n");
        Write("use", "extendedKeyUsage = critical, timeStamping\n");
        OpenSsl("req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -subj /CN=root -days 30");
        OpenSsl("req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=tsa");
        OpenSsl("x509 -req -in tsa.csr -CA root.pem -CAkey root.key -set_serial 2 -days 20 -extfile use -out tsa.pem");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Url = $"http://127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}/";
        socket.Close();
        listener.Prefixes.Add(Url);
        listener.Start();
        _ = ServeAsync();
    }

    public string Url { get; }

    /// <summary>How many tokens were asked for.</summary>
    public int Asked { get; private set; }

    /// <summary>The line of a policy that trusts it.</summary>
    public string PolicyLine
    {
        get
        {
            using var root = X509Certificate2.CreateFromPem(File.ReadAllText(In("root.pem")));
            return $"#tsa notary {root.GetCertHashString(HashAlgorithmName.SHA256)}\n";
        }
    }

    public void Dispose()
    {
        listener.Close();
        folder.Delete(recursive: true);
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            await using (var query = File.Create(In("query")))
            {
                await context.Request.InputStream.CopyToAsync(query);
            }

            Asked++;
            OpenSsl("ts -reply -config tsa.cnf -queryfile query -out reply");
            context.Response.ContentType = "application/timestamp-reply";
            await context.Response.OutputStream.WriteAsync(File.ReadAllBytes(In("reply")));
            context.Response.Close();
        }
    }

    private void OpenSsl(string line)
    {
        using var run = Process.Start(new ProcessStartInfo("openssl", line) { WorkingDirectory = folder.FullName, RedirectStandardError = true })!;
        var said = run.StandardError.ReadToEnd();
        run.WaitForExit();
        Assert.True(run.ExitCode == 0, said);
    }

    private void Write(string name, string text) => File.WriteAllText(In(name), text);

    private string In(string name) => Path.Combine(folder.FullName, name);
}
