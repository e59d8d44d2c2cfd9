using LearningLedger.Statistics;
using Npgsql;

namespace LearningLedger.Service.Analytics;

/// <summary>Reads the functions of schema <c>analytics</c>.</summary>
internal static class CohortRows
{
    /// <summary>All rows of a function of (tenant, cohort, sequence, and more).</summary>
    internal static async Task<List<T>> ReadAsync<T>(
        this NpgsqlConnection connection, CohortAt at, string function, Func<NpgsqlDataReader, T> row, CancellationToken cancellation, params object[] more)
    {
        var places = string.Join(", ", Enumerable.Range(1, 3 + more.Length).Select(n => "$" + n));
        await using var command = new NpgsqlCommand($"select * from analytics.{function}({places})", connection);
        foreach (var value in (object[])[at.Tenant, at.Code, at.Sequence, .. more])
        {
            command.Parameters.Add(new() { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    /// <summary>A column that may be null.</summary>
    internal static T? Value<T>(this NpgsqlDataReader row, int column)
        where T : struct => row.IsDBNull(column) ? null : row.GetFieldValue<T>(column);

    /// <summary>A column of text that may be null.</summary>
    internal static string? Words(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

/// <summary>Estimates as answers carry them: to twelve decimals, so that the same numbers are the same bytes on every machine.</summary>
internal static class Figures
{
    internal static double? Of(double? value) => value is { } v && double.IsFinite(v) ? Math.Round(v, 12) : null;

    internal static Interval? Of(Interval? interval) => interval is null ? null : new Interval(Math.Round(interval.Lower, 12), Math.Round(interval.Upper, 12));

    /// <summary>A share of a whole; null of nothing.</summary>
    internal static double? Share(long part, long whole) => whole == 0 ? null : Of((double)part / whole);
}
