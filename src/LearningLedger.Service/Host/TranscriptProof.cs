namespace LearningLedger.Service.Host;

/// <summary>Makes the proof of a learner's transcript. Transcripts answer it, the log makes it, and neither knows the other.</summary>
/// <param name="context">The request.</param>
/// <param name="learner">The learner.</param>
/// <param name="asOf">The moment in the past, or null.</param>
/// <param name="cancellation">Gives up.</param>
public delegate Task<IResult> TranscriptProof(HttpContext context, Guid learner, AsOf? asOf, CancellationToken cancellation);
