using System.Diagnostics;
using LearningLedger.Integrity;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Benchmarks.Logging;

/// <summary>How long an inclusion proof takes from the stored tiles of a large log, database included; each is checked.</summary>
internal static class ProofTime
{
    private const int Log = -1; // nobody's
    private const int Proofs = 500;
    private const int LeavesAtOnce = 50_000;

    /// <summary>The middle time of each round, in milliseconds.</summary>
    /// <exception cref="CheckFailedException">A proof does not hold.</exception>
    public static async Task<IReadOnlyList<double>> TakeAsync(NpgsqlDataSource database, Sizes size, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var edge = new TreeEdge();
        for (var leaf = 0; leaf < size.ProvenLeaves; leaf++)
        {
            edge.Append(Leaf(leaf));
            if (edge.Size % LeavesAtOnce == 0 || edge.Size == size.ProvenLeaves)
            {
                await StoredTiles.WriteAsync(connection, Log, edge.TakeTiles(), cancellation);
            }
        }

        var (root, random, rounds) = (edge.Root(), new Random(1), new List<double>());
        for (var round = 0; round <= size.Rounds; round++)
        {
            var times = new List<double>(Proofs);
            for (var i = 0; i < Proofs; i++)
            {
                var index = random.Next(size.ProvenLeaves);
                var began = Stopwatch.GetTimestamp();
                var path = await StoredTiles.ProveAsync(connection, Log, ProofPlan.Inclusion(index, size.ProvenLeaves), cancellation);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                if (!TreeProof.IsIncluded(Leaf(index), index, size.ProvenLeaves, path, root))
                {
                    throw new CheckFailedException($"the proof of leaf {index} does not hold");
                }
            }

            if (round > 0) // the first warms up
            {
                rounds.Add(Report.Median(times));
            }
        }

        return rounds;
    }

    private static TreeHash Leaf(int index) => TreeHash.Leaf(BitConverter.GetBytes(index));
}
