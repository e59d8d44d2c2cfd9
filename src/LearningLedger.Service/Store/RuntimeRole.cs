using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>What the role may do that the running service connects as, when another role owns the schema.</summary>
/// <remarks>It reads and writes rows; it cannot make or drop anything, nor change or remove an event, by whatever fault or injected SQL;
/// but for masking the events of a learner whose erasure it records in the same transaction.</remarks>
public static class RuntimeRole
{
    private static readonly string[] Schemas = [SqlNames.Ledger, SqlNames.Registry, SqlNames.Vault, SqlNames.Wolverine, SqlNames.Analytics, SqlNames.Log, SqlNames.Xapi];

    // Everything first, then what is final: so that a table of a later version works before anyone has thought about it here.
    private const string Grants =
        """
        do $$
        declare
          runtime text := current_setting('ledger.runtime_role');
          space text;
        begin
          if not exists (select from pg_roles where rolname = runtime) then
            raise exception 'role % does not exist', runtime;
          end if;
          foreach space in array string_to_array(current_setting('ledger.schemas'), ',') loop
            continue when to_regnamespace(space) is null;
            execute format('grant usage on schema %I to %I', space, runtime);
            execute format('grant select, insert, update, delete on all tables in schema %I to %I', space, runtime);
            execute format('grant usage, select on all sequences in schema %I to %I', space, runtime);
          end loop;

          execute format('revoke update, delete on ledger.mt_events, registry.tenant, registry.setting, registry.intake_conflict, registry.minimum_cell, tlog.entry, tlog.stamp from %I', runtime);
          execute format('revoke insert, update, delete on registry.erasure from %I', runtime);
          execute format('revoke delete on ledger.mt_streams, registry.api_key, tlog.log, tlog.tile from %I', runtime);
          execute format('revoke insert, update, delete on ledger.schema_migration, ledger.schema_seen from %I', runtime);

          if to_regnamespace('analytics') is not null then
            execute format('grant execute on procedure ledger.claim, analytics.project, analytics.drop_erased, analytics.keep_standings to %I', runtime);
            for space in select tablename from pg_tables where schemaname = 'analytics' loop
              execute format('drop policy if exists %I on analytics.%I', 'service_' || md5(runtime), space);
              execute format('create policy %I on analytics.%I to %I using (true) with check (true)', 'service_' || md5(runtime), space, runtime);
            end loop;
            call analytics.grant_readers();
          end if;
        end
        $$
        """;

    /// <summary>Grants. To be repeated after each change of the schema, by its owner.</summary>
    /// <exception cref="PostgresException">The role does not exist, or the schema belongs to somebody else.</exception>
    public static async Task GrantAsync(NpgsqlDataSource database, string role, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var names = new NpgsqlCommand(
            "select set_config('ledger.runtime_role', $1, true), set_config('ledger.schemas', $2, true)", connection, transaction))
        {
            names.Parameters.Add(new() { Value = role });
            names.Parameters.Add(new() { Value = string.Join(',', Schemas) });
            await names.ExecuteNonQueryAsync(cancellation);
        }

        await using (var grants = new NpgsqlCommand(Grants, connection, transaction))
        {
            await grants.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }
}
