using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using JasperFx;
using Marten;
using Npgsql;
using Weasel.Core.Migrations;
using Weasel.Postgresql.Tables;
using Wolverine.Persistence.Durability;

namespace LearningLedger.Service.Store;

/// <summary>Brings a database to the schema this build needs: Marten's tables, Wolverine's, then our own numbered scripts.</summary>
public static class SchemaUpdate
{
    // Any constant will do, as long as every version of the service takes the same one.
    private const long AdvisoryLock = 0x4C4C_5343_4845_4D41;

    private const string Journal =
        """
        create schema if not exists ledger;
        create table if not exists ledger.schema_migration (
          number int primary key, name text not null, sha256 text not null, applied_at timestamptz not null default clock_timestamp());
        """;

    /// <summary>A hash of all that Marten and Wolverine look at in the schemas they own, and of what is ours in them.</summary>
    private const string Catalogue =
        $"""
        select encode(sha256(convert_to(string_agg(o.object, e'\n' order by o.object collate "C"), 'UTF8')), 'hex') from (
          with mine as (select c.* from pg_class c where c.relnamespace in ('{SqlNames.Ledger}'::regnamespace, '{SqlNames.Wolverine}'::regnamespace))
          select concat_ws(' ', c.oid::regclass, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.reloptions, pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid)) as object from mine c
          union all
          select concat_ws(' ', 'column', a.attrelid::regclass, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
            from mine c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where c.relkind <> 'i'
          union all
          select concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisvalid) from mine c join pg_index i on i.indexrelid = c.oid
          union all
          select concat_ws(' ', n.conrelid::regclass, n.conname, pg_get_constraintdef(n.oid)) from mine c join pg_constraint n on n.conrelid = c.oid
          union all
          select concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled) from mine c join pg_trigger t on t.tgrelid = c.oid where not t.tgisinternal
          union all
          select pg_get_functiondef(p.oid) from pg_proc p
            where p.pronamespace in ('{SqlNames.Ledger}'::regnamespace, '{SqlNames.Wolverine}'::regnamespace) and p.prokind in ('f', 'p')) o
        """;

    private sealed record Script(int Number, string Name, string Text)
    {
        public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));
    }

    /// <summary>Applies what is missing, one service at a time.</summary>
    /// <param name="database">The database.</param>
    /// <param name="store">Knows Marten's tables.</param>
    /// <param name="messages">Knows Wolverine's.</param>
    /// <param name="alone">Whether no other service can be running; else it is looked for before a script changes what that one knows.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidOperationException">The database was made by a newer or an altered build, or is in use by an older one.</exception>
    public static async Task ApplyAsync(NpgsqlDataSource database, IDocumentStore store, IMessageStore messages, bool alone, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await ExecuteAsync(connection, $"select pg_advisory_lock({AdvisoryLock})", cancellation);
        try
        {
            await ExecuteAsync(connection, Journal, cancellation);
            var applied = await AppliedAsync(connection, cancellation);
            var missing = Missing(applied);
            var build = Build(store, messages);
            if (missing.Count == 0 && await IsSeenAsync(connection, build, cancellation))
            {
                return;
            }

            if (!alone && missing.Count > 0 && applied.Count > 0 && await IsInUseAsync(connection, cancellation))
            {
                throw new InvalidOperationException($"The schema is to get {Names(missing)}, and a LearningLedger service that may not know what that changes runs on this database. Stop every service first.");
            }

            LeaveKeyOut(store);
            await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
            await messages.Admin.MigrateAsync(AutoCreate.CreateOrUpdate);
            foreach (var script in missing)
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellation);
                await ExecuteAsync(connection, script.Text, cancellation);
                await using var note = new NpgsqlCommand("insert into ledger.schema_migration (number, name, sha256) values ($1, $2, $3)", connection, transaction);
                note.Parameters.Add(new() { Value = script.Number });
                note.Parameters.Add(new() { Value = script.Name });
                note.Parameters.Add(new() { Value = script.Sha256 });
                await note.ExecuteNonQueryAsync(cancellation);
                await transaction.CommitAsync(cancellation);
            }

            await using var seen = new NpgsqlCommand(
                $"insert into ledger.schema_seen (build, catalogue) values ($1, ({Catalogue})) on conflict (build) do update set catalogue = excluded.catalogue, seen_at = default", connection);
            seen.Parameters.Add(new() { Value = build });
            await seen.ExecuteNonQueryAsync(cancellation);
        }
        finally
        {
            await ExecuteAsync(connection, $"select pg_advisory_unlock({AdvisoryLock})", CancellationToken.None);
        }
    }

    /// <summary>Compares only.</summary>
    /// <exception cref="InvalidOperationException">Something is missing or other; the message names it.</exception>
    public static async Task CheckAsync(NpgsqlDataSource database, IDocumentStore store, IMessageStore messages, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var exists = new NpgsqlCommand("select to_regclass('ledger.schema_migration') is not null", connection);
        var missing = await exists.ExecuteScalarAsync(cancellation) is true ? Missing(await AppliedAsync(connection, cancellation)) : Scripts();
        if (missing.Count > 0)
        {
            throw new InvalidOperationException(
                $"The database schema lacks {Names(missing)}. Run the verb 'migrate' as the role that owns the schema, or start once with Ledger__Schema=apply as a role that may create tables.");
        }

        if (await IsSeenAsync(connection, Build(store, messages), cancellation))
        {
            return;
        }

        LeaveKeyOut(store);
        await store.Storage.Database.AssertDatabaseMatchesConfigurationAsync(cancellation);
    }

    /// <summary>Everything that decides what Marten and Wolverine want in the database: the code, and the tables that settings have them ask for.</summary>
    private static string Build(IDocumentStore store, IMessageStore messages)
    {
        Type[] code = [typeof(SchemaUpdate), store.GetType(), messages.GetType(), typeof(IMessageStore), typeof(Table), typeof(IDatabase)];
        var objects = store.Storage.Database.AllObjects().Concat(((IDatabase)messages).AllObjects()).Select(o => o.Identifier.QualifiedName);
        var told = string.Join('\n', code.Select(t => t.Module.ModuleVersionId.ToString()).Concat(objects.Order(StringComparer.Ordinal)));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(told)));
    }

    /// <summary>True when this build has compared the whole schema, and the catalogue is what it was then.</summary>
    private static async Task<bool> IsSeenAsync(NpgsqlConnection connection, string build, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select exists (select from ledger.schema_seen where build = $1 and catalogue = ({Catalogue}))", connection);
        command.Parameters.Add(new() { Value = build });
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>Whether a service has a session here; those that wait for their turn to apply the schema have only just started.</summary>
    private static async Task<bool> IsInUseAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select exists (select from pg_stat_activity a
              where a.datname = current_database() and a.application_name = '{Database.Name}' and a.pid <> pg_backend_pid()
                and not exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory' and not l.granted))
            """,
            connection);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    private static string Names(List<Script> scripts) => string.Join(", ", scripts.Select(s => s.Name));

    /// <summary>Leaves out of Marten's schema the foreign key of events to their streams.</summary>
    /// <remarks>
    /// Each append, Marten's and ours, writes the stream's row in the transaction of its events, so the key finds nothing; but it is looked up for each event,
    /// which is a quarter of what an append costs. The audit finds events whose stream is missing.
    /// </remarks>
    private static void LeaveKeyOut(IDocumentStore store)
    {
        foreach (var events in store.Storage.Database.AllObjects().OfType<Table>().Where(t => t.Identifier.Name == "mt_events"))
        {
            events.ForeignKeys.Clear();
        }
    }

    private static List<Script> Missing(Dictionary<int, string> applied)
    {
        var scripts = Scripts();
        if (scripts.FirstOrDefault(s => applied.TryGetValue(s.Number, out var hash) && hash != s.Sha256) is { } altered)
        {
            throw new InvalidOperationException($"Schema script {altered.Name} differs from the one this database was made with.");
        }

        if (applied.Keys.Except(scripts.Select(s => s.Number)).Order().ToArray() is { Length: > 0 } newer)
        {
            throw new InvalidOperationException($"The database was brought up to schema script {newer[^1]} by a newer build; this one knows {scripts[^1].Number}.");
        }

        return [.. scripts.Where(s => !applied.ContainsKey(s.Number))];
    }

    private static List<Script> Scripts()
    {
        var assembly = Assembly.GetExecutingAssembly();
        const string prefix = "LearningLedger.Service.Store.Migrations.";
        return [.. assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Select(resource =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var name = resource[prefix.Length..^".sql".Length];
            return new Script(int.Parse(name[..4], System.Globalization.CultureInfo.InvariantCulture), name, reader.ReadToEnd());
        }).OrderBy(s => s.Number)];
    }

    private static async Task<Dictionary<int, string>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select number, sha256 from ledger.schema_migration", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var applied = new Dictionary<int, string>();
        while (await reader.ReadAsync(cancellation))
        {
            applied.Add(reader.GetInt32(0), reader.GetString(1));
        }

        return applied;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
