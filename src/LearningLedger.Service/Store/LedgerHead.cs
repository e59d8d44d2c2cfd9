using System.Globalization;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>How far the ledger has come.</summary>
/// <param name="Sequence">Last sequence number given out; it may belong to an append under way, or to one that failed.</param>
/// <param name="Clock">The database's clock, which stamps recorded times.</param>
public sealed record LedgerHead(long Sequence, DateTimeOffset Clock)
{
    /// <summary>Name of the response header that carries <see cref="Sequence"/>.</summary>
    public const string Header = "Ledger-Sequence";

    /// <summary>The statement behind <see cref="Read"/>. A sequence nobody has drawn from says 1 and means 0.</summary>
    public const string Sql = $"select case when is_called then last_value else 0 end, clock_timestamp() from {SqlNames.Sequence}";

    /// <summary>Reads a row of <see cref="Sql"/>.</summary>
    public static LedgerHead Read(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1));

    /// <summary>The head as it is now.</summary>
    public static async Task<LedgerHead> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return Read(reader);
    }

    /// <summary>Tells the caller in a header, so that the body need not hold what changes from one moment to the next.</summary>
    public void Announce(HttpResponse response) => response.Headers[Header] = Sequence.ToString(CultureInfo.InvariantCulture);
}
