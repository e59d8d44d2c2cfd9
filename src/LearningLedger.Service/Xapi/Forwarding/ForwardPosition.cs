using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Xapi.Forwarding;

/// <summary>From where on statements are sent.</summary>
internal static class ForwardPosition
{
    /// <summary>What a request may say.</summary>
    public const string Rule = "must be start, now, or an RFC 3339 time such as 2026-05-01T12:00:00Z.";

    /// <summary>The time from which on statements were stored; null when it is no such thing, or <c>now</c>.</summary>
    public static DateTimeOffset? Read(string from) => from == "start" ? DateTimeOffset.UnixEpoch : from == "now" ? null : AsOf.ParseTime(from);

    /// <summary>The database's clock.</summary>
    public static async Task<DateTimeOffset> NowAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select clock_timestamp()", connection);
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellation))!);
    }
}
