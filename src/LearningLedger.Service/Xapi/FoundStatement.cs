using LearningLedger.Events;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Xapi;

/// <summary>A statement that was found, opened.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Stored">When it was stored.</param>
/// <param name="Stream">The stream it lies in.</param>
/// <param name="StreamKey">The stream's key.</param>
/// <param name="Kept">Its text, without <c>stored</c>.</param>
internal sealed record FoundStatement(Guid Id, DateTimeOffset Stored, Guid Stream, byte[] StreamKey, byte[] Kept)
{
    /// <summary>Reads a row of <see cref="StatementQuery"/>; null when its key is gone, and with it the statement.</summary>
    public static FoundStatement? Read(NpgsqlDataReader row, string tenant, TenantKey tenantKey, Vault vault)
    {
        var id = row.GetGuid(0);
        var eventId = row.GetGuid(2);
        var stream = row.GetGuid(3);
        var own = row.IsDBNull(5) ? null : vault.Unwrap(row.GetFieldValue<byte[]>(5), Vault.Owner(tenant, stream));

        // Streams of groups have the tenant's key. A learner's stream whose key is gone cannot be told from those here, only by trying.
        try
        {
            var key = own ?? tenantKey.Key;
            return new(id, row.GetFieldValue<DateTimeOffset>(1), stream, key, Vault.OpenUtf8(key, eventId, "content", new Sealed(row.GetString(4))));
        }
        catch (System.Security.Cryptography.CryptographicException) when (own is null)
        {
            return null;
        }
    }
}
