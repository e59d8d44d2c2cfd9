using System.Text;
using Npgsql;

namespace LearningLedger.Service.Xapi;

/// <summary>Statements as SQL asks for them. Every query walks one index in the order of the answer and stops at the page's end.</summary>
internal static class StatementQuery
{
    /// <summary>What <see cref="FoundStatement.Read"/> takes.</summary>
    private const string Columns =
        """
        select s.id, s.stored, s.event_id, s.stream, e.data -> 'content' ->> 'sealed', k.wrapped
        """;

    private const string Joins =
        """
        join ledger.mt_events e on e.id = s.event_id
          left join vault.learner_key k on k.tenant = s.tenant and k.learner = s.stream
        """;

    /// <summary>One statement by id.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="id">Its id.</param>
    /// <param name="voided">Whether it must be void, or must not.</param>
    /// <param name="postedBy">Only if posted by this key; or null.</param>
    public static NpgsqlBatchCommand One(string tenant, Guid id, bool voided, string? postedBy)
    {
        var command = new NpgsqlBatchCommand(
            $"{Columns} from xapi.statement s {Joins} where s.tenant = $1 and s.id = $2 and s.voided = $3 and ($4::text is null or s.posted_by = $4)");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = voided });
        command.Parameters.Add(new() { Value = (object?)postedBy ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        return command;
    }

    /// <summary>A page and one more, by which one sees whether there is another.</summary>
    public static NpgsqlBatchCommand Page(string tenant, StatementFilter filter)
    {
        var command = new NpgsqlBatchCommand();
        string Value(object value)
        {
            command.Parameters.Add(new() { Value = value });
            return "$" + command.Parameters.Count;
        }

        var t = Value(tenant);
        var (before, order) = filter.Ascending ? (">", "asc") : ("<", "desc");
        var limit = Value(filter.Limit + 1);
        var range = new StringBuilder();
        if (filter.Since is { } since)
        {
            range.Append($" and x.stored > {Value(since)}");
        }

        if (filter.Until is { } until)
        {
            range.Append($" and x.stored <= {Value(until)}");
        }

        if (filter.Cursor is { } cursor)
        {
            range.Append($" and (x.stored, x.id) {before} ({Value(cursor.Stored)}, {Value(cursor.Id)})");
        }

        var others = new StringBuilder(filter.PostedBy is { } key ? $" and s.posted_by = {Value(key)}" : "");
        foreach (var keys in filter.Keys.Skip(1))
        {
            others.Append($" and exists (select from xapi.mention o where o.key = any ({Value(keys)}) and o.stored = x.stored and o.id = x.id)");
        }

        string Walk(string from, string where) =>
            $"(select x.stored, x.id from {from} where {where}{range} and not s.voided{others} order by x.stored {order}, x.id {order} limit {limit})";

        // A union of ordered walks: one for each key of the first group. Each statement is looked up by itself: until the tables have statistics, a join would
        // read all of the tenant's.
        var walks = filter.Keys.Count == 0
            ? [Walk("xapi.statement x join xapi.statement s on s.tenant = x.tenant and s.id = x.id", $"x.tenant = {t}")]
            : filter.Keys[0].Select(k => Walk($"xapi.mention x cross join lateral (select * from xapi.statement s where s.tenant = {t} and s.id = x.id limit 1) s", $"x.key = {Value(k)}")).ToArray();
        command.CommandText =
            $"""
            {Columns} from (select distinct stored, id from ({string.Join(" union all ", walks)}) w order by stored {order}, id {order} limit {limit}) q
              join xapi.statement s on s.tenant = {t} and s.id = q.id {Joins} order by q.stored {order}, q.id {order}
            """;
        return command;
    }
}
