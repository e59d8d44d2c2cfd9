using System.Buffers.Binary;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Log;
using LearningLedger.Service.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LearningLedger.Service.Tests.Log;

/// <summary>What the heads leaves commit to. Here they are written when asked for: the setting lets no second one come by itself.</summary>
public sealed class HeadsTests : IClassFixture<HeadsTests.Seldom>
{
    private readonly LedgerFixture fixture;

    public HeadsTests(Seldom seldom) => fixture = seldom;

    /// <summary>A ledger that writes a heads leaf once an hour.</summary>
    public sealed class Seldom() : LedgerFixture(new Dictionary<string, string?> { ["Ledger:Log:HeadsEverySeconds"] = "3600" });

    [Fact]
    public async Task A_heads_leaf_commits_to_the_last_version_of_every_stream_whether_kept_or_made_anew()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        var log = await TenantLogReader.OfAsync(tenant);
        await Tenant.PostAsync(client, [.. Enumerable.Range(0, 40).Select(i => Tenant.Attempt($"a{i}", $"s{i}", "alpha", 0.5))]);
        await log.CoveredAsync();
        await WriteAsync(tenant);
        await Tenant.PostAsync(client, [.. Enumerable.Range(0, 30).Select(i => Tenant.Attempt($"b{i}", $"s{i * 2}", "beta", 0.5))]);
        await log.CoveredAsync();
        await WriteAsync(tenant);

        Assert.True(await ShouldCommitToAllAsync(log) >= 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_too_much_for_one_step_is_folded_in_several(bool isForgotten)
    {
        var (tenant, log) = await ManySinceTheLastAsync(i => $"s{i % 2_100}");
        if (isForgotten)
        {
            await ForgetAsync(tenant);
        }

        await WriteAsync(tenant);

        Assert.True(await ShouldCommitToAllAsync(log) >= 2);
    }

    [Fact]
    public async Task Leaves_that_were_deleted_hold_up_no_heads_leaf_and_move_no_other()
    {
        var (tenant, _) = await ManySinceTheLastAsync(_ => "s1");
        var id = await ForgetAsync(tenant);
        await fixture.DoAsync($"delete from tlog.entry where log = {id} and leaf_index between 10 and 4200");

        await WriteAsync(tenant).WaitAsync(TimeSpan.FromMinutes(1));

        var last = await fixture.AskAsync<long>($"select max(leaf_index) from tlog.entry where log = {id} and seq_id is not null");
        var buckets = await fixture.AskAsync<byte[][]>($"select array_agg(content) from tlog.heads_bucket where log = {id}");
        Assert.Equal(last, buckets.Max(content => BinaryPrimitives.ReadInt64BigEndian(content.AsSpan(^8..))));
    }

    /// <summary>A log with 4,500 leaves after its last heads leaf: more than two steps.</summary>
    /// <param name="learner">Whose is which.</param>
    private async Task<(Tenant Tenant, TenantLogReader Log)> ManySinceTheLastAsync(Func<int, string> learner)
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        var log = await TenantLogReader.OfAsync(tenant);
        await Tenant.PostAsync(client, Tenant.Attempt("first", "s0", "alpha", 0.5));
        await log.CoveredAsync();
        await WriteAsync(tenant);
        foreach (var some in Enumerable.Range(0, 4_500).Chunk(500))
        {
            await Tenant.PostAsync(client, [.. some.Select(i => Tenant.Attempt($"a{i}", learner(i), "alpha", 0.5))]);
        }

        await log.CoveredAsync();
        return (tenant, log);
    }

    /// <summary>As after a start: then the leaves themselves are read.</summary>
    /// <returns>The tenant's log.</returns>
    private async Task<int> ForgetAsync(Tenant tenant)
    {
        var id = await fixture.AskAsync<int>($"select max(log) from tlog.log where tenant = '{tenant.Name}'");
        Assert.NotNull(fixture.Ledger.App.Services.GetRequiredService<RecentHeads>().Take(id));
        return id;
    }

    /// <returns>How many heads leaves there are.</returns>
    private static async Task<int> ShouldCommitToAllAsync(TenantLogReader log)
    {
        var leaves = await log.ShouldHoldEverythingAsync();
        foreach (var leaf in leaves.OfType<HeadsLeaf>())
        {
            var heads = leaves.Take((int)leaf.Covered).Select((l, i) => (Leaf: l as EventLeaf, Index: i)).Where(l => l.Leaf is not null).GroupBy(l => l.Leaf!.Stream).ToList();
            Assert.Equal(Root(heads.Select(h => (h.Key, new StreamHead(h.Last().Leaf!.Version, h.Last().Index)))), leaf.Root);
            Assert.Equal(heads.Count, leaf.Streams);
        }

        return leaves.OfType<HeadsLeaf>().Count();
    }

    [Fact]
    public async Task None_is_due_while_nothing_is_recorded()
    {
        var tenant = await fixture.TenantAsync();
        var log = await TenantLogReader.OfAsync(tenant);
        await log.CoveredAsync();
        await WriteAsync(tenant);
        await fixture.DoAsync($"update tlog.log set heads_due = '-infinity' where tenant = '{tenant.Name}'");

        await using var database = NpgsqlDataSource.Create(fixture.ConnectionString);
        await using var due = database.CreateCommand($"select count(*) from ({HeadsWriter.Due}) as due where tenant = '{tenant.Name}'");

        Assert.Equal(0L, await due.ExecuteScalarAsync());
    }

    private async Task WriteAsync(Tenant tenant)
    {
        // The one that comes by itself at a log's beginning may be at it.
        await Expectations.EventuallyAsync(
            () => fixture.Ledger.App.Services.GetRequiredService<HeadsWriter>().AppendAsync(tenant.Name, default), "a heads leaf");
    }

    private static TreeHash Root(IEnumerable<(Guid Stream, StreamHead Head)> heads)
    {
        var tree = new HeadsTree();
        foreach (var bucket in heads.GroupBy(h => HeadsBucket.Of(h.Stream)))
        {
            tree.Set(bucket.Key, bucket.Aggregate(Array.Empty<byte>(), (content, h) => HeadsBucket.With(content, h.Stream, h.Head)));
        }

        return tree.Root();
    }
}
