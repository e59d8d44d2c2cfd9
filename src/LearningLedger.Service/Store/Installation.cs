using System.Security.Cryptography;
using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>What is decided once per database: its default tenant, the vault it belongs to, the origin of its logs.</summary>
public static class Installation
{
    /// <summary>The tenant every database has.</summary>
    public const string DefaultTenant = "default";

    /// <summary>Notes what is new and compares what is old.</summary>
    /// <exception cref="LedgerStartException">The vault key is not the one this database was made with.</exception>
    public static async Task PrepareAsync(NpgsqlDataSource database, Vault vault, LedgerSettings settings, CancellationToken cancellation)
    {
        await using (var tenant = database.CreateCommand("insert into registry.tenant (tenant) values ($1) on conflict do nothing"))
        {
            tenant.Parameters.Add(new() { Value = DefaultTenant });
            await tenant.ExecuteNonQueryAsync(cancellation);
        }

        if (await SettleAsync(database, "vault", vault.Fingerprint, cancellation) != vault.Fingerprint)
        {
            throw new LedgerStartException(
                $"The vault key in {settings.VaultKeyFile} is not the one this database was made with. Bring the right key file back: without it sealed data cannot be read.");
        }

        settings.Log.Origin ??= await SettleAsync(
            database, "log-origin", "learningledger/" + RandomNumberGenerator.GetHexString(16, lowercase: true), cancellation);
    }

    private static async Task<string> SettleAsync(NpgsqlDataSource database, string name, string value, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            """
            with made as (insert into registry.setting (name, value) values ($1, $2) on conflict do nothing returning value)
            select value from made union all select value from registry.setting where name = $1 limit 1
            """);
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = value });
        return (string)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
