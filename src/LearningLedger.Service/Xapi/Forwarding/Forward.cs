using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Xapi.Forwarding;

/// <summary>Another learning record store that gets statements, and how far it is.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Code">Its code.</param>
/// <param name="Url">The xAPI endpoint, below which <c>statements</c> lies.</param>
/// <param name="Version">The xAPI version it speaks.</param>
/// <param name="User">Name there.</param>
/// <param name="Secret">Password there, sealed.</param>
/// <param name="Verbs">IRIs of verbs; null: all. Statements that void others always go.</param>
/// <param name="Activities">IRIs of activities, <c>*</c> at the end for any rest; null: all.</param>
/// <param name="Sent">The last statement dealt with.</param>
/// <param name="Generation">Rises when an admin changes it.</param>
/// <param name="Failures">Tries in a row that came to nothing.</param>
/// <param name="Breaks">How many of the last of these broke on the next statement.</param>
internal sealed record Forward(
    string Tenant, string Code, string Url, string Version, string User, byte[] Secret, string[]? Verbs, string[]? Activities, (DateTimeOffset Stored, Guid Id) Sent,
    int Generation, int Failures, int Breaks)
{
    private const string Columns = "tenant, code, url, version, user_name, secret, verbs, activities, sent_stored, sent_id, generation, failures, breaks";

    /// <summary>The name under which a secret is sealed.</summary>
    public static string SealName(string code) => "forward/" + code;

    /// <summary>Whether a statement is to be sent.</summary>
    public bool Chooses(string verb, string? activity) =>
        verb == LearningLedger.Xapi.StatementRules.Voided
        || ((Verbs is null || Verbs.Contains(verb))
            && (Activities is null
                || (activity is not null && Activities.Any(p => p.EndsWith('*') ? activity.StartsWith(p[..^1], StringComparison.Ordinal) : activity == p))));

    /// <summary>The password.</summary>
    public string Password(byte[] tenantKey) => System.Text.Encoding.UTF8.GetString(Vault.OpenBeside(tenantKey, SealName(Code), Secret));

    /// <summary>Those that are due.</summary>
    public static async Task<List<Forward>> DueAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select {Columns} from xapi.forward where not paused and next_try <= clock_timestamp()");
        return await ReadAsync(command, cancellation);
    }

    /// <summary>One, as it is now; null when it is gone, paused, or not due.</summary>
    public static async Task<Forward?> ReadAsync(NpgsqlConnection connection, string tenant, string code, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select {Columns} from xapi.forward where tenant = $1 and code = $2 and not paused and next_try <= clock_timestamp()", connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = code });
        return (await ReadAsync(command, cancellation)).FirstOrDefault();
    }

    private static async Task<List<Forward>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var found = new List<Forward>();
        while (await row.ReadAsync(cancellation))
        {
            found.Add(new(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetFieldValue<byte[]>(5),
                row.IsDBNull(6) ? null : row.GetFieldValue<string[]>(6), row.IsDBNull(7) ? null : row.GetFieldValue<string[]>(7),
                (row.GetFieldValue<DateTimeOffset>(8), row.GetGuid(9)), row.GetInt32(10), row.GetInt32(11), row.GetInt32(12)));
        }

        return found;
    }
}
