using Npgsql;

namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>How the cluster is spoken to.</summary>
internal static class Connections
{
    private const string Maintenance = "postgres";

    internal static string To(int port, string password, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = port,
        Username = PrivateCluster.Superuser,
        Password = password,
        Database = database,
        // Nothing leaves the machine; asking for either would only cost round trips.
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    /// <summary>Whether the server lets us in; false while it starts or ends.</summary>
    /// <exception cref="PrivateClusterException">It refuses our password.</exception>
    internal static async Task<bool> AnswersAsync(Postmaster server, ClusterPlace place, string password, CancellationToken ct)
    {
        try
        {
            await using var connection = await OpenAsync(server.Port, password, Maintenance, ct);
            return true;
        }
        catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            throw new PrivateClusterException(
                $"The server of the cluster in {place.Home} (process {server.Pid}, port {server.Port}) refuses the password in {place.PasswordFile}. "
                + "Put the right file back from a backup, or use another data directory.", refused);
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    /// <summary>Makes the database if absent.</summary>
    internal static async Task MakeDatabaseAsync(int port, string password, string database, CancellationToken ct)
    {
        await using var connection = await OpenAsync(port, password, Maintenance, ct);
        await using var known = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection) { Parameters = { new() { Value = database } } };
        if (await known.ExecuteScalarAsync(ct) is not null) return;
        await using var make = new NpgsqlCommand($"create database \"{database}\"", connection);
        await make.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Lets a running server read its settings again.</summary>
    internal static async Task ReloadAsync(int port, string password, CancellationToken ct)
    {
        await using var connection = await OpenAsync(port, password, Maintenance, ct);
        await using var reload = new NpgsqlCommand("select pg_reload_conf()", connection);
        await reload.ExecuteNonQueryAsync(ct);
    }

    private static async Task<NpgsqlConnection> OpenAsync(int port, string password, string database, CancellationToken ct)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(To(port, password, database)) { Pooling = false };
        var connection = new NpgsqlConnection(unpooled.ConnectionString);
        try
        {
            await connection.OpenAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
