using LearningLedger.Service.Tests.Fixtures;
using Npgsql;

namespace LearningLedger.Service.Tests.Log;

/// <summary>Keeps a tenant's log from being written, until disposed.</summary>
internal sealed class HeldLog : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;

    private HeldLog(NpgsqlConnection connection) => this.connection = connection;

    internal static async Task<HeldLog> OfAsync(Tenant tenant)
    {
        var connection = new NpgsqlConnection(tenant.Fixture.ConnectionString);
        await connection.OpenAsync();
        await using var hold = new NpgsqlCommand($"begin; select pg_advisory_xact_lock(hashtextextended('tlog ' || '{tenant.Name}', 0))", connection);
        await hold.ExecuteNonQueryAsync();
        return new HeldLog(connection);
    }

    public async ValueTask DisposeAsync()
    {
        await using (var end = new NpgsqlCommand("commit", connection))
        {
            await end.ExecuteNonQueryAsync();
        }

        await connection.DisposeAsync();
    }
}
