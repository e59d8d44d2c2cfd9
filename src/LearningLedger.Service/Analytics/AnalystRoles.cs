using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace LearningLedger.Service.Analytics;

/// <summary>Login roles of PostgreSQL for people who ask by SQL. Their rows are chosen by who logged in, see script 0023.</summary>
internal static class AnalystRoles
{
    /// <summary>Rounds of hashing a password takes; what PostgreSQL itself uses.</summary>
    private const int Iterations = 4096;

    /// <summary>The group whose members see pseudonymous rows.</summary>
    internal const string Analysts = "ledger_analyst";

    /// <summary>The group whose members see suppressed figures only.</summary>
    internal const string Readers = "ledger_reader";

    /// <summary>A name no other tenant, database or kind has: roles belong to the whole server.</summary>
    internal static string NewName(string tenant, string kind) =>
        $"ledger_{kind}_{(tenant.Length > 32 ? tenant[..32] : tenant).Replace('-', '_')}_{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    /// <summary>A password of 256 random bits.</summary>
    internal static string NewPassword() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    /// <summary>What PostgreSQL stores of a password (RFC 5803), so that the password itself stands in no statement and no log.</summary>
    internal static string Verifier(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(HMACSHA256.HashData(salted, "Server Key"u8))}";
    }

    /// <summary>The statements that make a role, or give it a new password. Names and verifier hold nothing that would have to be quoted otherwise.</summary>
    internal static string Statement(string role, string verifier, string kind, bool exists) =>
        $"""
        {(exists ? "alter" : "create")} role "{role}" with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls inherit password '{verifier}';
        grant {(kind == "reader" ? Readers : Analysts)} to "{role}";
        """;

    /// <summary>Makes the two groups where they are missing; with them come the grants.</summary>
    internal static async Task EnsureGroupsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            do $$
            begin
              if (select count(*) from pg_roles where rolname in ('{Analysts}', '{Readers}')) < 2 then
                begin
                  create role {Analysts} nologin;
                exception when duplicate_object or unique_violation then null;
                end;
                begin
                  create role {Readers} nologin;
                exception when duplicate_object or unique_violation then null;
                end;
              end if;
              if not has_table_privilege('{Analysts}', 'analytics.analyst', 'select') or not has_table_privilege('{Readers}', 'analytics.analyst', 'select') then
                call analytics.grant_readers();
              end if;
              execute format('grant connect on database %I to {Analysts}, {Readers}', current_database());
            end
            $$
            """,
            connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
