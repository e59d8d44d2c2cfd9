using LearningLedger.Events;
using LearningLedger.Tables;

namespace LearningLedger.Service.Intake;

/// <summary>What a posted event says, checked, and not yet sealed: that needs the key of the learner's stream.</summary>
public abstract record Fact
{
    /// <summary>The stored body.</summary>
    /// <param name="streamKey">Key of the stream it will lie in.</param>
    /// <param name="eventId">Its event id.</param>
    /// <param name="learner">The subject's learner.</param>
    public abstract ILedgerEvent Body(byte[] streamKey, Guid eventId, Guid learner);

    /// <summary>The cohort in whose stream it lies; null: in the learner's.</summary>
    public virtual string? Cohort => null;

    /// <summary><c>skill.attempted</c>.</summary>
    public sealed record Attempt(SkillAttempted Event) : Fact
    {
        /// <inheritdoc/>
        public override ILedgerEvent Body(byte[] streamKey, Guid eventId, Guid learner) => Event;
    }

    /// <summary><c>evidence.submitted</c>, location and title in clear.</summary>
    public sealed record Submission(
        Guid Evidence, IReadOnlyList<string> Skills, string MediaType, long Size, string Sha256, string Location, string? Milestone, string? Title) : Fact
    {
        /// <inheritdoc/>
        public override ILedgerEvent Body(byte[] streamKey, Guid eventId, Guid learner) => new EvidenceSubmitted(
            Evidence, Skills, MediaType, Size, Sha256, Vault.Seal(streamKey, eventId, "location", Location)!, Milestone,
            Vault.Seal(streamKey, eventId, "title", Title));
    }

    /// <summary><c>evidence.withdrawn</c>.</summary>
    public sealed record Withdrawal(EvidenceWithdrawn Event) : Fact
    {
        /// <inheritdoc/>
        public override ILedgerEvent Body(byte[] streamKey, Guid eventId, Guid learner) => Event;
    }

    /// <summary><c>cohort.joined</c> and <c>cohort.left</c>.</summary>
    public sealed record Membership(string Code, bool Joined) : Fact
    {
        /// <inheritdoc/>
        public override string Cohort => Code;

        /// <inheritdoc/>
        public override ILedgerEvent Body(byte[] streamKey, Guid eventId, Guid learner) =>
            Joined ? new CohortJoined(Code, learner) : new CohortLeft(Code, learner);
    }
}

/// <summary>One posted event, checked.</summary>
/// <param name="Index">Position in the request, from 0.</param>
/// <param name="EventId">The ledger's id for it.</param>
/// <param name="Source">URI of the platform.</param>
/// <param name="Id">The platform's id for it.</param>
/// <param name="Subject">What the platform calls the learner.</param>
/// <param name="Occurred">The platform's time, UTC, whole microseconds.</param>
/// <param name="Type">Stored name.</param>
/// <param name="Data">RFC 8785 bytes of the posted data.</param>
/// <param name="Sent">SHA-256 of its JSON as sent, from its opening to its closing brace.</param>
/// <param name="Fact">What it says.</param>
public sealed record PostedEvent(
    int Index, Guid EventId, string Source, string Id, string Subject, DateTimeOffset Occurred, string Type, byte[] Data, byte[] Sent, Fact Fact)
{
    /// <summary>Whether another event says the same, which makes it a duplicate and not a contradiction.</summary>
    public bool SaysTheSame(PostedEvent other) =>
        Type == other.Type && Subject == other.Subject && Occurred == other.Occurred && Data.AsSpan().SequenceEqual(other.Data);
}
