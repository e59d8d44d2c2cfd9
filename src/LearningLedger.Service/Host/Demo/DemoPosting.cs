namespace LearningLedger.Service.Host.Demo;

/// <summary>What the service acknowledged.</summary>
/// <param name="Learners">The ledger's id of each learner, in the order of learners.</param>
/// <param name="EventIds">The ledger's id of each event, by the platform's.</param>
/// <param name="Accepted">How many were new.</param>
/// <param name="Duplicates">How many it had already.</param>
internal sealed record Posted(IReadOnlyList<Guid> Learners, IReadOnlyDictionary<string, Guid> EventIds, int Accepted, int Duplicates)
{
    /// <summary>Posts all events, one batch after the other as time went by.</summary>
    public static async Task<Posted> PostAsync(DemoStage stage, CancellationToken ct)
    {
        var batches = DemoPosts.Batches(stage.Simulation);
        var learners = new Guid[stage.Options.Learners];
        var ids = new Dictionary<string, Guid>();
        var (accepted, duplicates) = (0, 0);
        await stage.WithProgressAsync("Posting events", batches.Sum(b => b.Length), async report =>
        {
            foreach (var batch in batches)
            {
                var (body, contentType) = DemoPosts.Encode(batch);
                var answer = await stage.Api.PostAsync<PostedAnswer>(stage.Keys.Platform, "/v1/events", body, contentType, ct);
                foreach (var (post, receipt) in batch.Zip(answer.Receipts))
                {
                    learners[post.Learner] = receipt.Learner;
                    ids[receipt.Id] = receipt.EventId;
                }

                accepted += answer.Accepted;
                duplicates += answer.Duplicates;
                report(accepted + duplicates);
            }
        });
        return new Posted(learners, ids, accepted, duplicates);
    }
}
