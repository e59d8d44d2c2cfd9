namespace LearningLedger.Events;

/// <summary>An xAPI statement was stored, whole and unchanged for ever.</summary>
/// <remarks>
/// It lies in the stream of its actor's learner; when the actor is an identified group in that of the group, and when it is an anonymous group in one
/// of its own.
/// </remarks>
/// <param name="Statement">The statement's id.</param>
/// <param name="Verb">IRI of its verb.</param>
/// <param name="Stored">When it was stored, UTC; the property <c>stored</c>.</param>
/// <param name="Digest">
/// Base64url of the HMAC-SHA-256 under the stream's key, over "statement" and the form in which statements of one id are compared.
/// </param>
/// <param name="Content">The statement as kept, without <c>stored</c>, sealed.</param>
/// <param name="Activity">IRI of the activity that is its object, or null.</param>
/// <param name="Registration">Its registration, or null.</param>
/// <param name="Target">The statement that is its object, or null.</param>
/// <param name="Signature">What became of its signature: <c>verified</c>, <c>untrusted</c> (by a certificate nobody here vouches for), <c>unverifiable</c>; null: unsigned.</param>
public sealed record StatementStored(
    Guid Statement, string Verb, DateTimeOffset Stored, string Digest, Sealed Content, string? Activity = null, Guid? Registration = null, Guid? Target = null,
    string? Signature = null) : ILedgerEvent;
