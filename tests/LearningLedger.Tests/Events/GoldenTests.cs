using System.Text;
using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Mappings;
using LearningLedger.Tests.Frameworks;

namespace LearningLedger.Tests.Events;

/// <summary>
/// What is stored today must be readable for ever and be written the same way. A golden file is never edited; a changed shape gets a new
/// name, a new entry and a new file. <c>name.json</c> has every field, <c>name.least.json</c> only the required ones.
/// </summary>
public class GoldenTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Golden");
    private static readonly Guid Learner = new("4f0d7a36-6f0e-4a52-9d7c-2f6f3a1b8c01");
    private static readonly Guid Evidence = new("4f0d7a36-6f0e-4a52-9d7c-2f6f3a1b8c02");
    private static readonly Guid Award = new("4f0d7a36-6f0e-4a52-9d7c-2f6f3a1b8c03");
    private static readonly Guid First = new("4f0d7a36-6f0e-4a52-9d7c-2f6f3a1b8c04");
    private static readonly Guid Second = new("4f0d7a36-6f0e-4a52-9d7c-2f6f3a1b8c05");
    private static readonly Sealed Secret = new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+/+w==");
    private static readonly DateTimeOffset Start = new DateTimeOffset(2025, 9, 1, 8, 30, 0, TimeSpan.Zero).AddMicroseconds(250_001);
    private static readonly DateTimeOffset End = new(2028, 9, 1, 8, 30, 0, TimeSpan.Zero);
    private static readonly string Hash = new('a', 64);
    private static readonly FrameworkDefinition Welding = FrameworkSamples.Welding with { Version = 1 };

    private static readonly Dictionary<string, ILedgerEvent> Values = new()
    {
        ["learner.registered"] = new LearnerRegistered(Learner),
        ["skill.attempted"] = new SkillAttempted("http-rest-grpc", 0.85m, "https://lms.example/activities/7?x=1&y=ä", "PT12M30S", First),
        ["skill.attempted.least"] = new SkillAttempted("http-rest-grpc", 1m),
        ["attempt.voided"] = new AttemptVoided(First, "misconduct", Secret),
        ["attempt.voided.least"] = new AttemptVoided(First, "misconduct"),
        ["evidence.submitted"] = new EvidenceSubmitted(
            Evidence, ["http-rest-grpc", "load-balancing"], "application/pdf", 5_000_000_000, Hash, Secret, "computer-infra-foundations", Secret),
        ["evidence.submitted.least"] = new EvidenceSubmitted(Evidence, ["http-rest-grpc"], "application/pdf", 0, Hash, Secret),
        ["evidence.reviewed"] = new EvidenceReviewed(Evidence, Verdict.Accepted, "rubric-2", Secret),
        ["evidence.reviewed.least"] = new EvidenceReviewed(Evidence, Verdict.Rejected),
        ["evidence.withdrawn"] = new EvidenceWithdrawn(Evidence, "handed-in-by-mistake"),
        ["milestone.awarded"] = new MilestoneAwarded(Award, "welding", 1, "welder", Hash, [First, Second], Start, End),
        ["milestone.awarded.least"] = new MilestoneAwarded(Award, "welding", 1, "first-seam", Hash, [First], Start),
        ["award.flagged"] = new AwardFlagged(Award, "source-compromised", [First, Second]),
        ["award.affirmed"] = new AwardAffirmed(Award, "checked-by-hand", Secret),
        ["award.affirmed.least"] = new AwardAffirmed(Award, "checked-by-hand"),
        ["award.suspended"] = new AwardSuspended(Award, "under-inquiry", Start, Secret),
        ["award.suspended.least"] = new AwardSuspended(Award, "under-inquiry", Start),
        ["award.reinstated"] = new AwardReinstated(Award, "inquiry-ended", Start, Secret),
        ["award.reinstated.least"] = new AwardReinstated(Award, "inquiry-ended", Start),
        ["award.revoked"] = new AwardRevoked(Award, "misconduct", Start, Secret),
        ["award.revoked.least"] = new AwardRevoked(Award, "misconduct", Start),
        ["award.expired"] = new AwardExpired(Award, End),
        ["award.renewed"] = new AwardRenewed(Award, "reassessed", Start, End, [First, Second], Secret),
        ["award.renewed.least"] = new AwardRenewed(Award, "reassessed", Start, null, []),
        ["learner.linked"] = new LearnerLinked(First, true, "same-person", Secret),
        ["learner.linked.least"] = new LearnerLinked(First, false, "same-person"),
        ["learner.unlinked"] = new LearnerUnlinked(First, true, "joined-by-mistake", Secret),
        ["learner.unlinked.least"] = new LearnerUnlinked(First, false, "joined-by-mistake"),
        ["learner.erased"] = new LearnerErased(Learner, "gdpr-17-1-b", "DPO/2026-0017"),
        ["learner.erased.least"] = new LearnerErased(Learner, "gdpr-17-1-b"),
        ["framework.published"] = new FrameworkPublished(Welding, FrameworkHash.Of(Welding)),
        ["framework.retired"] = new FrameworkRetired("welding", "superseded"),
        ["cohort.opened"] = new CohortOpened("autumn-2025", "Autumn 2025", "welding", 1),
        ["cohort.opened.least"] = new CohortOpened("autumn-2025", "Autumn 2025", "welding"),
        ["cohort.joined"] = new CohortJoined("autumn-2025", Learner),
        ["cohort.left"] = new CohortLeft("autumn-2025", Learner),
        ["cohort.closed"] = new CohortClosed("autumn-2025", "finished"),
        ["statement.stored"] = new StatementStored(
            First, "http://adlnet.gov/expapi/verbs/passed", Start, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", Secret, "https://lms.example/activities/7", Second, Evidence, "verified"),
        ["statement.stored.least"] = new StatementStored(First, "http://adlnet.gov/expapi/verbs/passed", Start, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", Secret),
        ["report.saved"] = new ReportSaved(
            "time-to-milestone", "autumn-2025", new SortedDictionary<string, string> { ["milestone"] = "welder", ["with"] = "spring-2026" }, 4711, 5, Hash),
        ["mapping.published"] = new MappingPublished(
            new MappingDefinition("welding", 1,
            [
                new MappingRule(
                    "linux", ["https://lms.example/quiz/7", "https://lms.example/ä/*"], ["http://adlnet.gov/expapi/verbs/passed"], ["https://lms.example/course/1"],
                    new Dictionary<string, string> { ["https://lms.example/ext/final"] = "true" }, 0.85m, new MappedEvidence("welder"), ["http://adlnet.gov/expapi/verbs/failed"]),
            ]),
            Hash),
        ["mapping.published.least"] = new MappingPublished(
            new MappingDefinition("welding", 2, [new MappingRule("linux", ["https://lms.example/*"]), new MappingRule("seams", ["https://lms.example/*"], Evidence: new MappedEvidence())]), Hash),
    };

    public static TheoryData<string> Names => [.. Values.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Writes_and_reads_the_golden_bytes(string name)
    {
        var value = Values[name];
        var golden = File.ReadAllBytes(Path.Combine(Folder, name + ".json")).AsSpan().TrimEnd((byte)'\n');

        Assert.Equal(Encoding.UTF8.GetString(golden), JsonSerializer.Serialize(value, value.GetType(), LedgerJson.Options));
        Assert.Equivalent(value, JsonSerializer.Deserialize(golden, value.GetType(), LedgerJson.Options), strict: true);
    }

    [Fact]
    public void Has_a_golden_file_for_every_stored_shape_and_none_besides()
    {
        Assert.Equal(
            EventCatalog.All.Select(e => (e.Name, e.Body)).OrderBy(e => e.Name),
            Values.Where(v => !v.Key.EndsWith(".least")).Select(v => (v.Key, v.Value.GetType())).OrderBy(e => e.Key));
        Assert.Equal(Values.Keys.Order(), Directory.GetFiles(Folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!).Order());
    }

    [Fact]
    public void Names_every_body_once()
    {
        Assert.Equal(EventCatalog.All.Count, EventCatalog.All.Select(e => e.Name).Distinct().Count());
        Assert.Equal(
            typeof(ILedgerEvent).Assembly.GetTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(ILedgerEvent))).OrderBy(t => t.Name),
            EventCatalog.All.Select(e => e.Body).OrderBy(t => t.Name));
        Assert.All(EventCatalog.All, entry =>
        {
            Assert.Same(entry, EventCatalog.Find(entry.Name));
            Assert.Same(entry, EventCatalog.Of(entry.Body));
        });
    }

    [Fact]
    public void Keeps_the_published_list_of_names() => Assert.Equal(
        [
            "learner.registered", "skill.attempted", "attempt.voided", "evidence.submitted", "evidence.reviewed", "evidence.withdrawn",
            "milestone.awarded", "award.flagged", "award.affirmed", "award.suspended", "award.reinstated", "award.revoked", "award.expired",
            "award.renewed", "learner.linked", "learner.unlinked", "learner.erased", "framework.published", "framework.retired", "cohort.opened", "cohort.joined", "cohort.left", "cohort.closed",
            "statement.stored",
            "report.saved",
            "mapping.published",
        ],
        EventCatalog.All.Select(e => e.Name));
}
