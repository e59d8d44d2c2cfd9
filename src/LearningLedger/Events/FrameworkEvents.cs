using LearningLedger.Frameworks;

namespace LearningLedger.Events;

/// <summary>A version of a framework was published; it never changes.</summary>
/// <param name="Definition">The whole definition, with its version.</param>
/// <param name="Hash">SHA-256 of the RFC 8785 form of the definition; 64 lower-case hex digits.</param>
public sealed record FrameworkPublished(FrameworkDefinition Definition, string Hash) : ILedgerEvent;

/// <summary>No new awards are judged under this framework. Its awards stand.</summary>
/// <param name="Framework">Code of the framework.</param>
/// <param name="Reason">Reason code.</param>
public sealed record FrameworkRetired(string Framework, string Reason) : ILedgerEvent;
