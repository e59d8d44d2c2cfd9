namespace LearningLedger.Benchmarks;

/// <summary>How much of everything.</summary>
/// <param name="Name">As printed.</param>
/// <param name="Rounds">Times each pair is taken; the median counts.</param>
/// <param name="Learners">Learners that exist before anything is measured.</param>
/// <param name="BatchEvents">Events of one round of batches.</param>
/// <param name="Seconds">Length of one round of single posts.</param>
/// <param name="Reads">Reads of one round of transcripts.</param>
/// <param name="ProjectedEvents">Events that have to lie in the ledger for the projections to catch up with.</param>
/// <param name="ImportEvents">Events of one imported file.</param>
/// <param name="YoungEvents">Events of a ledger that has just begun.</param>
/// <param name="GrownEvents">Events added to one that has grown; 0: that is not measured.</param>
/// <param name="CohortEvents">Attempts of a ledger with cohorts.</param>
/// <param name="MoreCohortEvents">Attempts of one that has more beside the same cohort.</param>
/// <param name="Answers">Answers of one round for each question.</param>
/// <param name="LoggedEvents">Events the log has to catch up with.</param>
/// <param name="ProvenLeaves">Leaves of a log that proofs are made from.</param>
/// <param name="BatchStatements">Statements of one round of batches.</param>
/// <param name="StoredStatements">Statements of a store that is asked; the other has a tenth of them, and of the learners.</param>
internal sealed record Sizes(
    string Name, int Rounds, int Learners, int BatchEvents, int Seconds, int Reads, int ProjectedEvents, int ImportEvents, int YoungEvents, int GrownEvents, int CohortEvents,
    int MoreCohortEvents, int Answers, int LoggedEvents, int ProvenLeaves, int BatchStatements, int StoredStatements)
{
    /// <summary>The figures that count.</summary>
    public static Sizes Full { get; } = new("full", 5, 10_000, 100_000, 15, 2_000, 1_000_000, 1_000_000, 100_000, 10_000_000, 100_000, 1_000_000, 40, 500_000, 1_000_000, 50_000, 1_000_000);

    /// <summary>An impression.</summary>
    public static Sizes Quick { get; } = new("quick", 2, 4_000, 25_000, 4, 400, 50_000, 100_000, 0, 0, 20_000, 60_000, 20, 25_000, 1_000_000, 10_000, 40_000);

    /// <summary>Only to see that it runs.</summary>
    public static Sizes Tiny { get; } = new("tiny", 1, 500, 1_000, 1, 50, 2_000, 3_000, 1_000, 50_000, 1_000, 3_000, 5, 3_000, 20_000, 1_000, 5_000);
}
