using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Service.Host;

namespace LearningLedger.Service.Store;

/// <summary>The first event of a learner's stream.</summary>
public static class Registration
{
    private const string Type = "learner.registered";

    /// <summary><c>learner.registered</c>, ready to be appended in front of the first fact.</summary>
    /// <param name="caller">Whose post named the learner first.</param>
    /// <param name="source">URI of the platform.</param>
    /// <param name="received">The server's time when the post came.</param>
    /// <param name="correlation">The post's correlation id, or null.</param>
    /// <param name="learner">The new learner.</param>
    public static ReadyEvent Ready(Caller caller, string source, DateTimeOffset received, string? correlation, KnownLearner learner)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new LearnerRegistered(learner.Learner), LedgerJson.Options);
        var occurred = LedgerJson.Microseconds(received);
        var fingerprint = Fingerprint.Of(learner.Key, Type, learner.Learner.ToString("D"), occurred, body);
        return new ReadyEvent(
            LedgerIds.Decision(caller.Tenant, learner.Learner, 1), caller.Tenant, learner.Learner, StoredNames.Of(StreamFamily.Learner), Type, body,
            EventHeaders.Json(occurred, source, caller.Actor, fingerprint, sent: null), fingerprint, correlation, caller.KeyId);
    }
}
