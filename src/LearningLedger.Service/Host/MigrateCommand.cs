using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Marten;
using Npgsql;
using Wolverine.Persistence.Durability;

namespace LearningLedger.Service.Host;

/// <summary>Brings the schema of a given database up to date, and ends. So the role that owns the schema need not be the one the service runs as.</summary>
/// <remarks>It needs no vault key and no data directory: what is settled at first start is left to the service.</remarks>
public static class MigrateCommand
{
    /// <summary>0 when the schema is what this build needs.</summary>
    /// <param name="grantTo">Role the service runs as, or null.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    public static async Task<int> RunAsync(string? grantTo, CancellationToken cancellation)
    {
        try
        {
            var builder = RunningLedger.Builder([]);
            var connectionString = builder.Configuration.GetConnectionString("ledger");
            if (string.IsNullOrEmpty(connectionString))
            {
                throw new LedgerStartException("'migrate' works on a given database: set ConnectionStrings__ledger. A private cluster is migrated when the service starts.");
            }

            await using var database = Database.Open(connectionString);
            await using var app = LedgerHost.Build(builder, RunningLedger.Read(builder.Configuration), database, new CommitPool(database), Vault.ForTools());
            await SchemaUpdate.ApplyAsync(
                database, app.Services.GetRequiredService<IDocumentStore>(), app.Services.GetRequiredService<IMessageStore>(), alone: false, cancellation);
            Console.WriteLine("The schema is up to date.");
            if (grantTo is not null)
            {
                await RuntimeRole.GrantAsync(database, grantTo, cancellation);
                Console.WriteLine($"Role {grantTo} may run the service: Ledger__Schema=check.");
            }

            return 0;
        }
        catch (Exception e) when (e is LedgerStartException or InvalidOperationException or NpgsqlException)
        {
            await Console.Error.WriteLineAsync("migrate failed: " + e.Message);
            return 1;
        }
    }
}
