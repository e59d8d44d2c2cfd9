using System.CommandLine;
using System.Data;
using LearningLedger.Integrity;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Verifier;

/// <summary><c>db TENANT --policy POLICY --vault-key FILE</c>: the operator's own audit of the tables.</summary>
internal static class DbVerb
{
    /// <summary>Environment variable with the connection string, as the service has it. On a command line others could read its password.</summary>
    private const string ConnectionVariable = "ConnectionStrings__ledger";

    private const int ListedOfAKind = 100;

    public static Command Make()
    {
        var tenant = new Argument<string>("TENANT") { Description = "The tenant." };
        var vaultKey = new Option<FileInfo>("--vault-key") { Description = "The service's vault key (<data>/keys/vault.key); without it no content can be held against what was logged.", Required = true };
        var kept = new Option<FileInfo[]>("--kept") { Description = "Checkpoints of this log you kept outside the database; the leaves must lead to each.", AllowMultipleArgumentsPerToken = true };
        var policy = LedgerVerify.Policy();
        var verb = new Command(
            "db",
            $"""
            For operators: holds every row of a tenant against what was logged, and leaves, tiles and roots against what was signed; finds rows that were edited, deleted, hidden or
            recorded past the log, erasures that were undone, and a log that was rewritten or cut short. The rules are those of the service's own `reconcile`; this needs no service,
            so it also serves for a copy, a standby or a backup that was restored elsewhere.

            It reads the database named in the environment variable {ConnectionVariable}, in one transaction that can change nothing. The role needs to read the schemas ledger, tlog,
            registry and vault.
            """)
        {
            tenant, vaultKey, kept, policy,
        };
        verb.Run((parsed, output, cancellation) => CheckAsync(
            parsed.GetRequiredValue(tenant), LedgerVerify.Read(parsed.GetRequiredValue(policy)), parsed.GetRequiredValue(vaultKey), parsed.GetValue(kept) ?? [], output, cancellation));
        return verb;
    }

    private static async Task<Verdict> CheckAsync(string tenant, TrustPolicy policy, FileInfo vaultKey, FileInfo[] kept, TextWriter output, CancellationToken cancellation)
    {
        var vault = Open(vaultKey);
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString());
            await connection.OpenAsync(cancellation);

            // One sight of everything, however long it takes and whatever is recorded meanwhile.
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            return await CheckAsync(connection, tenant, policy, vault, kept, output, cancellation);
        }
        catch (NpgsqlException e)
        {
            throw new InvalidDataException($"The database cannot be read: {e.Message}");
        }
    }

    private static async Task<Verdict> CheckAsync(
        NpgsqlConnection connection, string tenant, TrustPolicy policy, Vault vault, FileInfo[] kept, TextWriter output, CancellationToken cancellation)
    {
        var log = await TenantLog.FindAsync(connection, tenant, cancellation) ?? throw new InvalidDataException($"Tenant {tenant} has no log.");
        var current = log.Checkpoint is null ? null : policy.Judge(SignedNote.Parse(log.Checkpoint));
        var heads = kept.Select(file => policy.Judge(file).Head).Concat(current is null ? [] : [current.Head]).ToList();
        if (heads.Any(head => head.Origin != heads[0].Origin || head.Size > log.Size))
        {
            output.WriteLine($"failed       A checkpoint is another log's, or of more leaves than the {log.Size} of the database: the log was cut short, or restored from a backup.");
            return Verdict.Failed;
        }

        var unlogged = await LedgerAudit.UnloggedAsync(connection, tenant, cancellation);
        var found = await new LedgerAudit(vault).FindAsync(connection, tenant, heads, _ => Task.CompletedTask, cancellation);
        found.AddRange(unlogged.Select(sequence => Finding.RowWithoutLeaf(tenant, sequence)));
        Tell("failed", found, output);

        // What the service saw while it happened, and nobody can see afterwards.
        var noted = (await Finding.ReadAsync(connection, tenant, cancellation)).Where(f => !Finding.Recurring.Contains(f.Kind)).ToList();
        Tell("noted", noted, output);
        output.WriteLine($"audited      {log.Size} leaves of tenant {tenant}");
        var isSigned = IsSigned(current, log, await WaitingAsync(connection, tenant, cancellation), output);
        return found.Count > 0 ? Verdict.Failed : isSigned && noted.Count == 0 ? Verdict.Proven : Verdict.NotShown;
    }

    /// <summary>Whether a checkpoint that the policy is content with covers all events.</summary>
    private static bool IsSigned(TrustedCheckpoint? current, TenantLog log, long waiting, TextWriter output)
    {
        var left = log.Size - (current?.Head.Size ?? 0);
        if (left > 0 || waiting > 0)
        {
            output.WriteLine($"not shown    {waiting} events wait for their leaf, and {left} leaves for a signed checkpoint: look again in a moment.");
        }

        return current is not null && current.Tell(output) && left == 0 && waiting == 0;
    }

    private static void Tell(string word, IEnumerable<Finding> findings, TextWriter output)
    {
        foreach (var kind in findings.GroupBy(f => f.Kind))
        {
            foreach (var finding in kind.Take(ListedOfAKind))
            {
                output.WriteLine($"{word,-12} {finding.Kind}, {finding.Subject}: {finding.Detail}");
            }

            if (kind.Skip(ListedOfAKind).Count() is > 0 and var more)
            {
                output.WriteLine($"{word,-12} {kind.Key}, and {more} more");
            }
        }
    }

    private static async Task<long> WaitingAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select coalesce(sum(cardinality(seqs)), 0)::bigint from tlog.pending where tenant_id = $1", connection);
        command.Parameters.Add(new() { Value = tenant });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static string ConnectionString()
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(Environment.GetEnvironmentVariable(ConnectionVariable) is { Length: > 0 } given
                ? given
                : throw new InvalidDataException($"Set {ConnectionVariable} to the connection string of the database."))
            {
                ApplicationName = "ledger-verify",
                Pooling = false,
                CommandTimeout = 0,
                Options = "-c default_transaction_read_only=on",
            }.ConnectionString;
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{ConnectionVariable} is no connection string: {e.Message}");
        }
    }

    private static Vault Open(FileInfo key)
    {
        try
        {
            // Opened as the service does, it would be made where there is none.
            return key.Exists ? Vault.Open(key.FullName) : throw new FileNotFoundException($"There is no vault key {key.FullName}.");
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException(e.Message);
        }
    }
}
