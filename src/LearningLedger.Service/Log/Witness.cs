using System.Security.Cryptography;
using System.Text;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Tables;

namespace LearningLedger.Service.Log;

/// <summary>The service as a witness of other logs (C2SP tlog-witness): it cosigns a checkpoint only if that continues the one it cosigned last.</summary>
/// <remarks>
/// What it cosigned lies in files of the data directory, outside the database: a restored backup must not make it forget. So a witness is one service; it does
/// not share the work with others.
/// </remarks>
public sealed class Witness(LedgerSettings settings, WitnessKey key, TimeProvider time)
{
    private readonly Lock turn = new();
    private IReadOnlyList<VerifierKey> logs = [];

    /// <summary>Reads which logs it serves.</summary>
    /// <exception cref="LedgerStartException">They cannot be served so.</exception>
    public void Open()
    {
        if (settings.Witness.Logs is not { } file)
        {
            return;
        }

        logs = TrustFile.Read(file, "Ledger__Witness__Logs").Logs;
        if (settings.Nodes == NodesMode.Several)
        {
            throw new LedgerStartException("A witness is one service, for it remembers in files what it cosigned: unset Ledger__Witness__Logs, or run it with Ledger__Nodes=single.");
        }

        if (logs.FirstOrDefault(log => log.Name.StartsWith(settings.Log.Origin + "/", StringComparison.Ordinal)) is { } own)
        {
            throw new LedgerStartException($"Ledger__Witness__Logs names {own.Name}, which is a log of this service. It dates those itself; a witness of them must be somebody else.");
        }
    }

    /// <summary>Decides on a checkpoint, and cosigns it when it may. What is cosigned is on disk before anybody sees it.</summary>
    /// <returns>The verdict; its body is the cosignature where it cosigned.</returns>
    public WitnessVerdict Judge(WitnessRequest request)
    {
        // Looking up what was cosigned last and writing down what is cosigned now must be one step, or two requests could undo each other.
        lock (turn)
        {
            var verdict = request.Judge(logs, Latest(request.Checkpoint.Text));
            if (verdict.Head is not { } head)
            {
                return verdict;
            }

            var cosigned = key.Cosign(request.Checkpoint.Text, time.GetUtcNow());
            var own = logs.Where(log => log.Name == head.Origin).ToList();
            SecretFile.Replace(FileOf(HashOf(head.Origin)), request.Checkpoint.Of(own).With(cosigned).ToString());
            return verdict with { Body = string.Concat(cosigned) };
        }
    }

    /// <summary>The checkpoint of a log it cosigned last, or null.</summary>
    /// <param name="hash">SHA-256 of the log's origin in lower-case hex.</param>
    public string? Find(string hash)
    {
        var file = hash.Length == 2 * SHA256.HashSizeInBytes && !hash.AsSpan().ContainsAnyExcept("0123456789abcdef") ? FileOf(hash) : null;
        return File.Exists(file) ? File.ReadAllText(file) : null;
    }

    /// <summary>How a log is named in an address.</summary>
    public static string HashOf(string origin) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)));

    private Checkpoint? Latest(string text)
    {
        // A request that names no log of ours is refused by whoever judges it, whatever was cosigned.
        var origin = text.Split('\n')[0];
        if (!logs.Any(log => log.Name == origin) || Find(HashOf(origin)) is not { } note)
        {
            return null;
        }

        var kept = SignedNote.Parse(note);
        return kept.Verify([key.Verifier]).Count > 0 ? Checkpoint.Parse(kept.Text) : throw new InvalidDataException($"What this witness remembers of {origin} does not carry its cosignature.");
    }

    private string FileOf(string hash) => Path.Combine(settings.DataDirectory, "witness", hash + ".checkpoint");
}
