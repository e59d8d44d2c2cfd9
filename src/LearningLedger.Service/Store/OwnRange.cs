using JasperFx.Events.Projections;
using Marten;

namespace LearningLedger.Service.Store;

/// <summary>What keeps a service that was suspended from going on with ranges another has taken over meanwhile.</summary>
public static class OwnRange
{
    /// <summary>Has the transaction that notes the progress fail, as a failure that passes by itself, when another has gone on from there.</summary>
    /// <param name="operations">To be committed together with the progress, and what the range comes to.</param>
    /// <param name="range">Whose progress, and from where to where.</param>
    public static void Claim(IDocumentOperations operations, EventRange range) =>
        operations.QueueSqlCommand("call ledger.claim(?, ?, ?)", range.ShardName.Identity, range.SequenceFloor, range.SequenceCeiling);
}
