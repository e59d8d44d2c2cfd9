using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using Npgsql;

namespace LearningLedger.Service.Tests.Keys;

public sealed class KeyRingTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task All_who_come_with_a_key_at_once_wait_for_one_read_of_it()
    {
        var key = await KeyAsync();
        var opened = 0;
        var builder = new NpgsqlDataSourceBuilder(fixture.ConnectionString);
        builder.UsePhysicalConnectionInitializer(_ => Interlocked.Increment(ref opened), _ =>
        {
            Interlocked.Increment(ref opened);
            return Task.CompletedTask;
        });
        await using var database = builder.Build();
        var ring = new KeyRing(database, TimeProvider.System);

        Task<Caller?>[] callers;
        await using (await LockedAsync())
        {
            callers = [.. Enumerable.Range(0, 20).Select(_ => ring.FindAsync(key, CancellationToken.None).AsTask())];
        }

        Assert.All(await Task.WhenAll(callers), caller => Assert.Equal(key.Id, caller?.KeyId));
        Assert.Equal(1, opened);
    }

    [Fact]
    public async Task One_of_them_who_leaves_takes_nothing_from_the_others()
    {
        var key = await KeyAsync();
        await using var database = NpgsqlDataSource.Create(fixture.ConnectionString);
        var ring = new KeyRing(database, TimeProvider.System);
        using var leaves = new CancellationTokenSource();

        Task<Caller?> stays;
        await using (await LockedAsync())
        {
            var left = ring.FindAsync(key, leaves.Token).AsTask();
            stays = ring.FindAsync(key, CancellationToken.None).AsTask();
            await leaves.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        }

        Assert.Equal(key.Id, (await stays)?.KeyId);
    }

    [Fact]
    public async Task A_key_in_use_is_read_again_before_it_is_too_old_and_nobody_waits()
    {
        var key = await KeyAsync();
        await using var database = NpgsqlDataSource.Create(fixture.ConnectionString);
        var time = new Clock();
        var ring = new KeyRing(database, time);
        Assert.NotNull(await ring.FindAsync(key, CancellationToken.None));
        await using (var revoke = database.CreateCommand("update registry.api_key set revoked_at = clock_timestamp(), revoked_by = 'another node' where id = $1"))
        {
            revoke.Parameters.Add(new() { Value = key.Id });
            await revoke.ExecuteNonQueryAsync();
        }

        time.Now += KeyRing.Keep - TimeSpan.FromSeconds(1);
        await using (await LockedAsync())
        {
            var found = ring.FindAsync(key, CancellationToken.None);
            Assert.True(found.IsCompleted);
            Assert.NotNull(await found);
        }

        await Expectations.EventuallyAsync(async () => await ring.FindAsync(key, CancellationToken.None) is null, "the key to be known as revoked");
    }

    private async Task<KeyText> KeyAsync() => KeyText.Parse(await (await fixture.TenantAsync(withFramework: false)).KeyAsync([Scopes.Admin]))!;

    /// <summary>Nobody reads a key until this is disposed.</summary>
    private async Task<NpgsqlConnection> LockedAsync()
    {
        var connection = new NpgsqlConnection(fixture.ConnectionString);
        await connection.OpenAsync();
        await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("lock table registry.api_key in access exclusive mode", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private sealed class Clock : TimeProvider
    {
        internal DateTimeOffset Now { get; set; } = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
