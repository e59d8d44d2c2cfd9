using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>The connections of the service, opened under our name so that an operator can tell our sessions.</summary>
public static class Database
{
    /// <summary>By which an operator, and one of several services, knows our sessions.</summary>
    public const string Name = "learningledger";

    // A machine that goes without a word holds what it has locked, and with it the turn of others, until PostgreSQL gives its connections up: by the
    // defaults of Linux in two hours, or a quarter of an hour when an answer is on its way. So it takes twenty seconds. Over a Unix socket these mean nothing.
    private const string SoonMissed = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=2 -c tcp_user_timeout=20000";

    /// <summary>The pool for everything.</summary>
    public static NpgsqlDataSource Open(string connectionString) => Open(connectionString, Name, reset: true);

    /// <summary>The pool of what commits posts, hundreds of times a second under load.</summary>
    public static CommitPool OpenForCommits(string connectionString) =>
        new(Open(connectionString, $"{Name}-commits", reset: false));

    private static NpgsqlDataSource Open(string connectionString, string name, bool reset)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = Name, KeepAlive = 30, NoResetOnClose = !reset };
        settings.Options ??= SoonMissed;

        // The name stands in the metrics, which else show the whole connection string but the password.
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = name }.Build();
    }
}

/// <summary>Connections that are given back as they are: whoever takes one leaves no state in its session. To reset it costs about a tenth of a small commit.</summary>
/// <param name="Source">The pool.</param>
public sealed record CommitPool(NpgsqlDataSource Source);
