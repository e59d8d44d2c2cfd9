using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;

namespace LearningLedger.Service.Host.Demo;

/// <summary>What the simulated platform posts: CloudEvents in the order of time.</summary>
internal static class DemoPosts
{
    /// <summary>Events of one request; well below the service's limit and enough that a flush is shared by many.</summary>
    private const int BatchSize = 1_000;

    private static readonly JsonEventFormatter Formatter = new(LedgerJson.Options, default);

    /// <summary>One posted event.</summary>
    /// <param name="Id">The platform's id.</param>
    /// <param name="Learner">Index of the learner.</param>
    /// <param name="Event">As it goes over the wire.</param>
    public sealed record Post(string Id, int Learner, CloudEvent Event);

    /// <summary>All events, in batches.</summary>
    public static IReadOnlyList<Post[]> Batches(DemoSimulation simulation) =>
        [.. simulation.Learners.SelectMany((learner, index) => Of(simulation.Options, learner, index)).OrderBy(p => p.Event.Time).Chunk(BatchSize)];

    /// <summary>A batch as bytes and their media type.</summary>
    public static (ReadOnlyMemory<byte> Body, string ContentType) Encode(IEnumerable<Post> batch)
    {
        var body = Formatter.EncodeBatchModeMessage(batch.Select(p => p.Event), out var contentType);
        return (body, contentType.ToString());
    }

    private static IEnumerable<Post> Of(DemoOptions options, DemoLearner learner, int index)
    {
        yield return Make($"{learner.Subject}-joined", "cohort.joined", DemoOptions.Start, new { cohort = options.Cohort });
        yield return Make($"{learner.Subject}-placed", "cohort.joined", DemoOptions.Start, new { cohort = learner.Advanced ? options.Advanced : options.Regular });
        foreach (var a in learner.Attempts)
        {
            yield return Make(a.Id, "skill.attempted", a.At, new { skill = a.Skill, score = a.Score });
        }

        foreach (var e in learner.Evidence)
        {
            var data = new
            {
                evidence = e.Evidence,
                skills = e.Skills,
                mediaType = "application/pdf",
                size = 20_000 + e.Id.Length,
                sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(e.Evidence.ToByteArray(bigEndian: true))),
                location = $"{options.Source}/work/{e.Evidence:D}",
                milestone = e.Milestone,
            };
            yield return Make(e.Id, "evidence.submitted", e.At, data);
        }

        Post Make(string id, string type, DateTimeOffset time, object data) => new(id, index, new CloudEvent
        {
            Id = id,
            Source = new Uri(options.Source),
            Type = type,
            Subject = learner.Subject,
            Time = time,
            DataContentType = "application/json",
            Data = data,
        });
    }
}
