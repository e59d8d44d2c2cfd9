using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>The one pool of connections of the service.</summary>
public static class Database
{
    /// <summary>A pool, opened under our name so that an operator can tell our sessions.</summary>
    public static NpgsqlDataSource Open(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "learningledger", KeepAlive = 30 };

        // The name stands in the metrics, which else show the whole connection string but the password.
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = settings.ApplicationName }.Build();
    }
}
