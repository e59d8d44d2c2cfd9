using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Transcripts;
using Npgsql;

namespace LearningLedger.Service.Tests.Transcripts;

/// <summary>A past answer is final.</summary>
public sealed class AsOfTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private static readonly DateTimeOffset Early = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Every_as_of_is_the_fold_of_the_events_the_ledger_held_then()
    {
        var (tenant, client, learner) = await LivelyAsync(40);
        var stored = await tenant.StoredAsync(learner);
        var random = new Random(20260101);

        for (var i = 0; i < 25; i++)
        {
            var n = random.Next(1, stored.Count + 1);
            var prefix = stored.Take(n).ToList();
            var gap = n < stored.Count ? random.NextInt64(prefix[^1].Sequence, stored[n].Sequence) : prefix[^1].Sequence;
            DateTimeOffset? occurredBy = i % 3 == 0 ? Early.AddMinutes(random.Next(0, 100)) : null;
            var filter = occurredBy is null ? "" : $"&occurredBy={LedgerJson.Text(occurredBy.Value)}";
            var expected = TranscriptDocument.Of(Transcript.Fold(learner, prefix, occurredBy)).Utf8();

            Assert.Equal(expected, await client.ReadAsync($"/v1/learners/{learner:D}/transcript?asOf=seq:{gap}{filter}"));
            var recorded = prefix[^1].Recorded;
            if (n == stored.Count || stored[n].Recorded > recorded)
            {
                Assert.Equal(expected, await client.ReadAsync($"/v1/learners/{learner:D}/transcript?asOf={LedgerJson.Text(recorded)}{filter}"));
            }
        }
    }

    [Fact]
    public async Task The_same_as_of_gives_the_same_bytes_whatever_is_recorded_later()
    {
        var (tenant, client, learner) = await LivelyAsync(10);
        var head = (await tenant.StoredAsync(learner))[^1];
        var now = await fixture.AskAsync<DateTime>("select clock_timestamp()");
        string[] paths =
        [
            $"/v1/learners/{learner:D}/transcript?asOf=seq:{head.Sequence}",
            $"/v1/learners/{learner:D}/transcript?asOf={LedgerJson.Text(now)}",
            $"/v1/learners/{learner:D}/transcript?asOf={LedgerJson.Text(now)}&occurredBy={LedgerJson.Text(Early.AddMinutes(30))}",
        ];
        var then = await Task.WhenAll(paths.Select(client.ReadAsync));

        var late = await Tenant.PostAsync(client, Tenant.Attempt("late", "ann", "alpha", 1, "2025-01-01T00:00:00Z"));
        await tenant.AppendAsync(learner, Early, new AttemptVoided((Guid)late["receipts"]![0]!["eventId"]!, "mistake"), Appending.Award(Guid.NewGuid()));
        await tenant.AppendAsync(learner, Early, new AttemptVoided(head.EventId, "mistake"));

        for (var i = 0; i < paths.Length; i++)
        {
            Assert.Equal(then[i], await client.ReadAsync(paths[i]));
        }
    }

    [Fact]
    public async Task An_append_under_way_is_waited_for_by_an_as_of_and_by_nobody_else()
    {
        var (tenant, client, learner) = await LivelyAsync(3);
        var before = await client.ReadAsync($"/v1/learners/{learner:D}/transcript");
        await using var connection = await fixture.Database().OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync("select from ledger.mt_streams where tenant_id = $1 and id = $2 for update");
        await ExecuteAsync("update ledger.mt_streams set version = version + 1 where tenant_id = $1 and id = $2");
        await ExecuteAsync(
            """
            insert into ledger.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, headers, is_archived)
            select nextval('ledger.mt_events_sequence'), gen_random_uuid(), stream_id, version + 1, data, type, now(), tenant_id, mt_dotnet_type, headers, false
            from ledger.mt_events where tenant_id = $1 and stream_id = $2 order by version desc limit 1
            """);
        var sequence = await fixture.AskAsync<long>("select last_value from ledger.mt_events_sequence");
        var clock = await fixture.AskAsync<DateTime>("select clock_timestamp()");

        var bySequence = client.ReadAsync($"/v1/learners/{learner:D}/transcript?asOf=seq:{sequence}");
        var byTime = client.ReadAsync($"/v1/learners/{learner:D}/transcript?asOf={LedgerJson.Text(clock)}");

        Assert.Equal(before, await client.ReadAsync($"/v1/learners/{learner:D}/transcript"));
        await Expectations.EventuallyAsync(
            async () => await fixture.AskAsync<long>("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%for share%' and datname = current_database()") == 2,
            "both as-of reads wait");
        Assert.False(bySequence.IsCompleted || byTime.IsCompleted);
        await transaction.CommitAsync();
        var after = TranscriptDocument.Of(Transcript.Fold(learner, await tenant.StoredAsync(learner))).Utf8();
        Assert.NotEqual(before, after);
        Assert.Equal(after, await bySequence);
        Assert.Equal(after, await byTime);

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            command.Parameters.Add(new() { Value = tenant.Name });
            command.Parameters.Add(new() { Value = learner });
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>A learner with attempts out of order, evidence, verdicts and voidings.</summary>
    private async Task<(Tenant Tenant, HttpClient Client, Guid Learner)> LivelyAsync(int rounds)
    {
        var tenant = await fixture.TenantAsync();
        var client = await tenant.ClientAsync(Scopes.EventsWrite, Scopes.TranscriptsRead);
        var random = new Random(rounds);
        var learner = Guid.Empty;
        for (var i = 0; i < rounds; i++)
        {
            var time = LedgerJson.Text(Early.AddMinutes(random.Next(0, 100)));
            var evidence = Guid.NewGuid();
            var receipts = (await Tenant.PostAsync(
                client, Tenant.Attempt($"a{i}", "ann", random.Next(2) == 0 ? "alpha" : "gamma", random.Next(0, 101) / 100.0, time), Tenant.Evidence($"e{i}", "ann", evidence, time: time),
                Tenant.Attempt($"o{i}", "bob", "alpha", 0.5)))["receipts"]!;
            learner = (Guid)receipts[0]!["learner"]!;
            if (i % 4 == 1)
            {
                await tenant.AppendAsync(learner, Early.AddMinutes(i), new AttemptVoided((Guid)receipts[0]!["eventId"]!, "mistake"), new EvidenceReviewed(evidence, Verdict.Rejected));
            }
        }

        return (tenant, client, learner);
    }
}
