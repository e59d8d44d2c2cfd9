using System.Collections.Immutable;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Transcripts;

namespace LearningLedger.Evidence;

/// <summary>Where an item of evidence stands.</summary>
public enum EvidenceStatus
{
    /// <summary>Nobody has judged it.</summary>
    Submitted,

    /// <summary>At least one accepting and no rejecting verdict stands.</summary>
    Accepted,

    /// <summary>A rejecting verdict stands.</summary>
    Rejected,

    /// <summary>The platform took it back, whatever the verdicts.</summary>
    Withdrawn,
}

/// <summary>An artefact that was handed in, with all that was said about it.</summary>
/// <param name="Id">The platform's UUID.</param>
/// <param name="Submitted">The event that handed it in.</param>
/// <param name="Skills">Codes of its skills.</param>
/// <param name="Milestone">Milestone it counts for alone, or null.</param>
/// <param name="MediaType">RFC 6838 media type.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">64 lower-case hex digits.</param>
public sealed record EvidenceItem(
    Guid Id, EventStamp Submitted, IReadOnlyList<string> Skills, string? Milestone, string MediaType, long Size, string Sha256)
{
    /// <summary>Every review in stream order, replaced ones too.</summary>
    public ImmutableList<Review> Reviews { get; init; } = [];

    /// <summary>That it was taken back, or null.</summary>
    public Withdrawal? Withdrawn { get; init; }

    /// <summary>Where it stands.</summary>
    public EvidenceStatus Status => Withdrawn is not null ? EvidenceStatus.Withdrawn
        : Reviews.IsEmpty ? EvidenceStatus.Submitted
        : Verdicts.Any(v => v.Decision == Verdict.Rejected) ? EvidenceStatus.Rejected
        : EvidenceStatus.Accepted;

    /// <summary>The verdicts that stand: the last review of each actor, in stream order.</summary>
    /// <remarks>
    /// Last by version, not by occurred: a review is a decision made here, and what an assessor says later replaces what they said before
    /// even where the later one is dated back.
    /// </remarks>
    public IEnumerable<Review> Verdicts => Reviews.Where((review, i) => ReplacementOf(i) is null);

    /// <summary>The verdict of <paramref name="actor"/> that stands, or null.</summary>
    public Review? VerdictOf(string actor) => Reviews.FindLast(r => r.At.Actor == actor);

    /// <summary>The next review by the actor of the review at <paramref name="index"/>, or null if that one stands.</summary>
    internal Review? ReplacementOf(int index) => Reviews.Skip(index + 1).FirstOrDefault(r => r.At.Actor == Reviews[index].At.Actor);

    /// <summary>Whether it counts in <paramref name="milestone"/> once accepted.</summary>
    internal bool CountsFor(Milestone milestone) =>
        Milestone is null ? Skills.Any(milestone.Skills.Contains) : Milestone == milestone.Code;
}

/// <summary>An assessor's verdict.</summary>
/// <param name="At">The event.</param>
/// <param name="Decision">The verdict.</param>
/// <param name="Rubric">Code or IRI of the rubric, or null.</param>
public sealed record Review(EventStamp At, Verdict Decision, string? Rubric);

/// <summary>That evidence was taken back.</summary>
/// <param name="At">The event.</param>
/// <param name="Reason">Reason code.</param>
public sealed record Withdrawal(EventStamp At, string Reason);
