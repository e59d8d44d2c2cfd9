using LearningLedger.Mappings;

namespace LearningLedger.Events;

/// <summary>A version of a framework's mapping was published: what xAPI statements mean from here on. It never changes.</summary>
/// <param name="Mapping">The whole mapping, with its version.</param>
/// <param name="Hash">SHA-256 of the RFC 8785 form of the mapping; 64 lower-case hex digits.</param>
public sealed record MappingPublished(MappingDefinition Mapping, string Hash) : ILedgerEvent;
