using Marten;

namespace LearningLedger.Service.Store;

/// <summary>What keeps a service that was suspended from going on with ranges another has taken over meanwhile.</summary>
public static class OwnRange
{
    /// <summary>Has the transaction that notes the progress fail, as a failure that passes by itself, when another has gone on from there.</summary>
    /// <param name="operations">To be committed together with the progress, and what the range comes to.</param>
    /// <param name="shard">Name of the row in Marten's table of progress.</param>
    /// <param name="after">The last sequence before the range.</param>
    /// <param name="upto">The last sequence of the range.</param>
    public static void Claim(IDocumentOperations operations, string shard, long after, long upto) =>
        operations.QueueSqlCommand("call ledger.claim(?, ?, ?)", shard, after, upto);
}
