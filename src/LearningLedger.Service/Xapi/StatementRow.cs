using System.Buffers.Text;
using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using LearningLedger.Xapi;

namespace LearningLedger.Service.Xapi;

/// <summary>A statement about to be stored.</summary>
/// <param name="Request">The request it came with.</param>
/// <param name="Statement">The statement.</param>
/// <param name="Stream">The stream its event goes to.</param>
/// <param name="Family">What kind of stream that is.</param>
/// <param name="Key">The stream's key.</param>
/// <param name="TenantKey">The tenant's.</param>
/// <param name="Stored">When it is stored.</param>
/// <param name="Digest">HMAC of the form in which it is compared.</param>
internal sealed record StatementRow(
    StatementRequest Request, PostedStatement Statement, Guid Stream, StreamFamily Family, byte[] Key, TenantKey TenantKey, DateTimeOffset Stored, byte[] Digest)
{
    private const string Type = "statement.stored";

    /// <summary>The tenant.</summary>
    public string Tenant => Request.Caller.Tenant;

    /// <summary>Id of its event.</summary>
    public Guid EventId { get; } = LedgerIds.StatementEvent(Request.Caller.Tenant, Statement.Id);

    /// <summary>When it happened.</summary>
    public DateTimeOffset Occurred => LedgerJson.Microseconds(Statement.Timestamp ?? Stored);

    /// <summary>URI of the platform: the home page of the actor's account, else the one the key posts for, else the tenant's own.</summary>
    public string Source => Statement.Actor is { Scheme: AgentIdentifier.Account } account ? account.Issuer
        : Request.Caller.Sources is [var first, ..] ? first
        : Authority.Source(Request.Caller);

    /// <summary>Adds the index keys of what it mentions. What is mentioned directly is not listed again as related.</summary>
    public void AddMentionKeys(List<Guid> keys)
    {
        foreach (var mention in Statement.Mentions)
        {
            var again = mention.Kind switch
            {
                MentionKind.RelatedAgent => Statement.Mentions.Contains(mention with { Kind = MentionKind.Agent }),
                MentionKind.RelatedActivity => Statement.Mentions.Contains(mention with { Kind = MentionKind.Activity }),
                _ => false,
            };
            if (!again)
            {
                keys.Add(TenantKey.Of(mention));
            }
        }
    }

    /// <summary>The event.</summary>
    public ReadyEvent Ready()
    {
        var content = Statement.Timestamp is null ? StatementText.WithTimestamp(Statement.Kept, Stored) : Statement.Kept;
        var body = new StatementStored(
            Statement.Id, Statement.Verb, Stored, Base64Url.EncodeToString(Digest), Vault.Seal(Key, EventId, "content", content), Statement.Activity, Statement.Registration,
            Statement.Target, Statement.Signature);
        var fingerprint = Fingerprint.Of(Key, Type, Family == StreamFamily.Learner ? Stream.ToString("D") : Statement.Id.ToString("D"), Occurred, Statement.Comparison);
        return new ReadyEvent(
            EventId, Tenant, Stream, StoredNames.Of(Family), Type, JsonSerializer.SerializeToUtf8Bytes(body, LedgerJson.Options),
            EventHeaders.Json(Occurred, Source, Request.Caller.Actor, fingerprint, SentHash.Hide(Key, EventId, Statement.SentHash)), fingerprint,
            Request.CorrelationId, Request.Caller.KeyId);
    }
}

/// <summary>A statement that is stored.</summary>
/// <param name="Digest">See <see cref="StatementStored.Digest"/>.</param>
/// <param name="Occurred">When it happened.</param>
/// <param name="Version">Version of its event.</param>
/// <param name="Recorded">When that was recorded.</param>
/// <param name="Sent">Its header <c>sent</c>.</param>
internal sealed record KnownStatement(byte[] Digest, DateTimeOffset Occurred, long Version, DateTimeOffset Recorded, string? Sent)
{
    /// <summary>Whether a statement of the same id is the same: the form is, and the time when it gives one.</summary>
    public bool SaysTheSame(byte[] digest, DateTimeOffset? timestamp) =>
        Digest.AsSpan().SequenceEqual(digest) && (timestamp is null || LedgerJson.Microseconds(timestamp.Value) == Occurred);
}
