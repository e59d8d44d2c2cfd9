using System.Collections.Concurrent;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Tables;

namespace LearningLedger.Service.Store;

/// <summary>What a receipt says of an event on disk.</summary>
/// <param name="EventId">Its id.</param>
/// <param name="Version">Its version in its stream.</param>
/// <param name="Sent">SHA-256 of its JSON as it was first sent; null for one stored without it, which can have no receipt.</param>
/// <param name="Recorded">When it was first recorded.</param>
public readonly record struct ReceiptOf(Guid EventId, long Version, byte[]? Sent, DateTimeOffset Recorded);

/// <summary>Signs receipts, with a key that is not the logs': who can promise must not be able to say what was logged.</summary>
public sealed class ReceiptSigner(LedgerSettings settings, LogOrigins origins) : IDisposable
{
    private readonly Lazy<byte[]> seed = new(() => SecretFile.Key(settings.ReceiptKeyFile));
    private readonly ConcurrentDictionary<string, SigningKey> keys = new();

    /// <summary>The public key of a log's receipts.</summary>
    /// <param name="origin">The log.</param>
    public VerifierKey Verifier(string origin) => KeyOf(origin).Verifier;

    /// <summary>A receipt for events that are on disk: one signature, whatever their number.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="events">In request order.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The signed note; null when no event can have one.</returns>
    public async ValueTask<string?> SignAsync(string tenant, IEnumerable<ReceiptOf> events, CancellationToken cancellation)
    {
        var origin = await origins.CurrentAsync(tenant, cancellation);
        ReceiptLine[] lines =
        [
            .. events.Where(e => e.Sent is not null)
                .Select(e => new ReceiptLine(e.EventId, e.Version, new TreeHash(e.Sent), e.Recorded, e.Recorded + Limits.LoggedWithin)),
        ];
        return lines.Length == 0 ? null : new Receipt(origin, lines).Sign(KeyOf(origin));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var key in keys.Values)
        {
            key.Dispose();
        }
    }

    private SigningKey KeyOf(string origin) => keys.GetOrAdd(origin, o => new SigningKey(Receipt.KeyName(o), SignatureType.Ed25519, seed.Value));
}
