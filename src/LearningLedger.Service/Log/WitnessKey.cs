using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Tables;

namespace LearningLedger.Service.Log;

/// <summary>The key with which this service cosigns what it found consistent: its own logs, to date them, and those of others it is a witness of.</summary>
public sealed class WitnessKey(LedgerSettings settings) : IDisposable
{
    // Opened late: the origin is decided at the first start.
    private readonly Lazy<SigningKey> key = new(() => new SigningKey(
        NameFor(settings.Log.Origin!), SignatureType.Cosignature, SecretFile.Key(settings.WitnessKeyFile)));

    /// <summary>Its public half.</summary>
    public VerifierKey Verifier => key.Value.Verifier;

    /// <summary>The key's name; no log is called so.</summary>
    public static string NameFor(string installation) => installation + "/witness/w1";

    /// <summary>Cosigns. The caller must have made sure, and remembered on disk, that the checkpoint continues the one cosigned last.</summary>
    /// <param name="checkpoint">The checkpoint's text.</param>
    /// <param name="now">When.</param>
    public IReadOnlyList<NoteSignature> Cosign(string checkpoint, DateTimeOffset now) => SignedNote.ParseSignatures(key.Value.Cosign(checkpoint, now.ToUnixTimeSeconds()));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (key.IsValueCreated)
        {
            key.Value.Dispose();
        }
    }
}
