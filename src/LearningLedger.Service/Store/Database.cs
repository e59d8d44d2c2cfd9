using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>The connections of the service, opened under our name so that an operator can tell our sessions.</summary>
public static class Database
{
    private const string Name = "learningledger";

    /// <summary>The pool for everything.</summary>
    public static NpgsqlDataSource Open(string connectionString) => Open(connectionString, Name, reset: true);

    /// <summary>The pool of what commits posts, hundreds of times a second under load.</summary>
    public static CommitPool OpenForCommits(string connectionString) =>
        new(Open(connectionString, $"{Name}-commits", reset: false));

    private static NpgsqlDataSource Open(string connectionString, string name, bool reset)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = Name, KeepAlive = 30, NoResetOnClose = !reset };

        // The name stands in the metrics, which else show the whole connection string but the password.
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = name }.Build();
    }
}

/// <summary>Connections that are given back as they are: whoever takes one leaves no state in its session. To reset it costs about a tenth of a small commit.</summary>
/// <param name="Source">The pool.</param>
public sealed record CommitPool(NpgsqlDataSource Source);
