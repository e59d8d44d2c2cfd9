using System.Text;
using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>What analysts find in the database.</summary>
/// <param name="Schema">Name of the schema.</param>
/// <param name="About">What it is.</param>
/// <param name="Roles">Who sees what.</param>
/// <param name="Tables">Facts, dimensions and the bridge between them.</param>
/// <param name="Views">The questions as views.</param>
/// <param name="Functions">The questions as functions.</param>
public sealed record Dictionary(
    string Schema, string? About, IReadOnlyList<DictionaryRole> Roles, IReadOnlyList<DictionaryTable> Tables, IReadOnlyList<DictionaryTable> Views,
    IReadOnlyList<DictionaryFunction> Functions);

/// <summary>A group of database roles.</summary>
public sealed record DictionaryRole(string Role, string About);

/// <summary>A table or view.</summary>
public sealed record DictionaryTable(string Name, string? About, IReadOnlyList<DictionaryColumn> Columns);

/// <summary>A column, its type as PostgreSQL writes it.</summary>
public sealed record DictionaryColumn(string Name, string Type, string? About);

/// <summary>A function and how it is called.</summary>
public sealed record DictionaryFunction(string Name, string Arguments, string Result, string? About);

/// <summary>The data dictionary, made from the comments in the database itself.</summary>
public static class GetDictionaryEndpoint
{
    private static readonly DictionaryRole[] Roles =
    [
        new(AnalystRoles.Analysts,
            "One login per tenant, made by POST /v1/analysts. Read-only; sees the tenant's rows one by one. They are pseudonymous by design: a learner is a random UUID, and no "
            + "name, account or text a person typed is here. Small counts are not hidden from analysts; whoever publishes figures taken from rows has to see to that."),
        new(AnalystRoles.Readers,
            "One login per tenant, made by POST /v1/analysts with kind reader. Read-only; sees the views suppressed_* alone, in which counts of fewer people than the tenant's "
            + "minimum cell are null, and so are those that would give them away. Comparing figures of different cohorts or points in time that differ by a few people is not prevented."),
    ];

    /// <summary>The dictionary: JSON, or Markdown where <c>Accept</c> says <c>text/markdown</c> or <c>?format=markdown</c> is given.</summary>
    [WolverineGet("/v1/analytics/dictionary"), RequiresScope(Scopes.AnalyticsRead, Scopes.Admin)]
    public static async Task<IResult> Get(HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var dictionary = await ReadAsync(connection, cancellation);
        var markdown = context.Request.Query["format"] == "markdown" || context.Request.Headers.Accept.ToString().Contains("text/markdown", StringComparison.OrdinalIgnoreCase);
        return markdown ? Results.Text(Markdown(dictionary), "text/markdown", Encoding.UTF8) : Results.Json(dictionary, LedgerJson.Options);
    }

    internal static async Task<Dictionary> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("select obj_description('analytics'::regnamespace, 'pg_namespace')"),
                new("""
                    select c.relkind::text, c.relname, obj_description(c.oid, 'pg_class'), a.attname, format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum)
                      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                      where c.relnamespace = 'analytics'::regnamespace and c.relkind in ('r', 'v') order by c.relname collate "C", a.attnum
                    """),
                new("""
                    select p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), obj_description(p.oid, 'pg_proc')
                      from pg_proc p where p.pronamespace = 'analytics'::regnamespace and p.prokind = 'f' order by p.proname collate "C"
                    """),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var about = reader.Words(0);
        await reader.NextResultAsync(cancellation);
        var columns = new List<(string Kind, string Name, string? About, DictionaryColumn Column)>();
        while (await reader.ReadAsync(cancellation))
        {
            columns.Add((reader.GetString(0), reader.GetString(1), reader.Words(2), new DictionaryColumn(reader.GetString(3), reader.GetString(4), reader.Words(5))));
        }

        await reader.NextResultAsync(cancellation);
        var functions = new List<DictionaryFunction>();
        while (await reader.ReadAsync(cancellation))
        {
            functions.Add(new DictionaryFunction(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.Words(3)));
        }

        return new Dictionary("analytics", about, Roles, Of("r"), Of("v"), functions);

        DictionaryTable[] Of(string kind) =>
            [.. columns.Where(c => c.Kind == kind).GroupBy(c => (c.Name, c.About)).Select(t => new DictionaryTable(t.Key.Name, t.Key.About, [.. t.Select(c => c.Column)]))];
    }

    private static string Markdown(Dictionary dictionary)
    {
        var text = new StringBuilder().Append("# Data dictionary\n\n").Append(dictionary.About).Append('\n');
        foreach (var role in dictionary.Roles)
        {
            text.Append("\n- `").Append(role.Role).Append("`: ").Append(role.About);
        }

        foreach (var (title, tables) in new[] { ("Tables", dictionary.Tables), ("Views", dictionary.Views) })
        {
            text.Append("\n\n## ").Append(title).Append('\n');
            foreach (var table in tables)
            {
                text.Append("\n### ").Append(table.Name).Append("\n\n").Append(table.About).Append("\n\n| column | type | meaning |\n| --- | --- | --- |\n");
                foreach (var column in table.Columns)
                {
                    text.Append("| ").Append(column.Name).Append(" | ").Append(column.Type).Append(" | ").Append(column.About).Append(" |\n");
                }
            }
        }

        text.Append("\n## Functions\n");
        foreach (var function in dictionary.Functions)
        {
            text.Append("\n### ").Append(function.Name).Append('(').Append(function.Arguments).Append(")\n\n").Append(function.About).Append("\n\nReturns `").Append(function.Result).Append("`.\n");
        }

        return text.ToString();
    }
}
