using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using Npgsql;

namespace LearningLedger.Service.Tests.Log;

/// <summary>A tenant's log as an auditor reads it over HTTP, and the tables beneath.</summary>
internal sealed class TenantLogReader(Tenant tenant, HttpClient auditor)
{
    internal static async Task<TenantLogReader> OfAsync(Tenant tenant) => new(tenant, await tenant.ClientAsync(Scopes.AuditRead));

    /// <summary>Waits until everything recorded so far is covered by a signed checkpoint.</summary>
    internal Task CoveredAsync() => CoveredAsync(tenant.Fixture.ConnectionString, tenant.Name);

    internal static async Task CoveredAsync(string connectionString, string tenant)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await Expectations.EventuallyAsync(
            async () =>
            {
                await using var command = database.CreateCommand(
                    """
                    select not exists (select from tlog.pending where tenant_id = $1)
                      and exists (select from tlog.log where tenant = $1)
                      and not exists (select from tlog.log l where l.tenant = $1 and checkpoint_size < size and epoch = (select max(epoch) from tlog.log where tenant = $1))
                    """);
                command.Parameters.Add(new() { Value = tenant });
                return await command.ExecuteScalarAsync() is true;
            },
            $"the log of {tenant} to cover all");
    }

    /// <summary>The checkpoint, its signature checked.</summary>
    internal async Task<Checkpoint> CheckpointAsync(string under = "")
    {
        var key = VerifierKey.Parse((await auditor.GetStringAsync($"/log/{tenant.Name}{under}/key")).TrimEnd('\n'));
        var note = SignedNote.Parse(await auditor.GetStringAsync($"/log/{tenant.Name}{under}/checkpoint"));
        Assert.Single(note.Verify([key]));
        return Checkpoint.Parse(note.Text);
    }

    /// <summary>Every leaf the checkpoint covers, read from the entry bundles; they must make its root.</summary>
    internal async Task<List<LogLeaf>> LeavesAsync(string under = "")
    {
        var checkpoint = await CheckpointAsync(under);
        var edge = TreeEdge.Resume(0, _ => default);
        var leaves = new List<LogLeaf>();
        for (long index = 0; index * TileId.FullWidth < checkpoint.Size; index++)
        {
            var tile = new TileId(0, index, TileId.WidthIn(checkpoint.Size, 0, index));
            Read(await auditor.GetByteArrayAsync($"/log/{tenant.Name}{under}/{tile.EntriesPath}"), edge, leaves);
        }

        Assert.Equal(checkpoint.Size, leaves.Count);
        Assert.Equal(checkpoint.Root, edge.Root());
        return leaves;
    }

    /// <summary>The log holds each event of the tenant exactly once, versions of a stream in order, and nothing waits.</summary>
    internal async Task<List<LogLeaf>> ShouldHoldEverythingAsync(string under = "")
    {
        await CoveredAsync();
        var leaves = await LeavesAsync(under);
        var events = leaves.OfType<EventLeaf>().ToList();
        Assert.Equal(await StoredAsync(), events.Select(l => l.EventId).Order());
        Assert.All(events.GroupBy(l => l.Stream), stream => Assert.Equal(Enumerable.Range(1, stream.Count()).Select(v => (long)v), stream.Select(l => l.Version)));
        return leaves;
    }

    private async Task<IEnumerable<Guid>> StoredAsync()
    {
        await using var database = NpgsqlDataSource.Create(tenant.Fixture.ConnectionString);
        await using var command = database.CreateCommand("select coalesce(array_agg(id), '{}') from ledger.mt_events where tenant_id = $1");
        command.Parameters.Add(new() { Value = tenant.Name });
        return ((Guid[])(await command.ExecuteScalarAsync())!).Order();
    }

    private static void Read(ReadOnlySpan<byte> bundle, TreeEdge edge, List<LogLeaf> leaves)
    {
        while (EntryBundle.TryRead(ref bundle, out var entry))
        {
            edge.Append(TreeHash.Leaf(entry));
            leaves.Add(LogLeaf.Parse(entry));
        }
    }
}
