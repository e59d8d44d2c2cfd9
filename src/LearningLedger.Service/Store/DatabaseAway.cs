using JasperFx.Events.Daemon;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Tells failures to reach the database, and its own passing ones, from those that come again whenever the same is tried.</summary>
public static class DatabaseAway
{
    private static readonly Lazy<bool> Told = new(() =>
    {
        // The daemon cancels what a projection that failed is reading, and then takes that for its failure. Started again it goes on or says what it was.
        TransientFailures.AddClassifier(e => IsItself(e) || e is OperationCanceledException ? true : null);
        return true;
    });

    /// <summary>Whether the database did not answer, or not as one that can be written to, which is no fault of what was asked and passes.</summary>
    public static bool Is(Exception e) => IsItself(e) || (e.InnerException is { } inner && Is(inner));

    /// <summary>What to tell whoever asked for what failed so, in a sentence.</summary>
    public static string Sentence(Exception e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => "The database's disk is full.",
        { InnerException: { } inner } => Sentence(inner),
        _ => "The database does not answer.",
    };

    /// <summary>Has projections that stop by such a failure started again; by itself the daemon takes it for a lasting one when none of several hosts is there.</summary>
    public static void Tell() => _ = Told.Value;

    // What PostgreSQL has not said itself comes from the way to it. A pool may still know a server that was the primary and only reads now.
    private static bool IsItself(Exception e) => e is PostgresException said
        ? said.IsTransient || said.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction
        : e is NpgsqlException;
}
