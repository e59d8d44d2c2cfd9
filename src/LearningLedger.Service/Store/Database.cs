using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>The one pool of connections of the service.</summary>
public static class Database
{
    /// <summary>A pool, opened under our name so that an operator can tell our sessions.</summary>
    public static NpgsqlDataSource Open(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "learningledger", KeepAlive = 30 };
        if (settings.MaxAutoPrepare == 0)
        {
            // Also keeps the plans of our functions: a connection that holds no prepared statement is returned to the pool with DISCARD ALL.
            settings.MaxAutoPrepare = 64;
        }

        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }
}
