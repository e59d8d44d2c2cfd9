namespace LearningLedger.Service.Host.Demo;

/// <summary>The keys of those who take part, each with no more than its part needs.</summary>
/// <param name="Admin">Publishes the framework, opens the cohorts.</param>
/// <param name="Platform">Posts events.</param>
/// <param name="Assessors">Two, who review evidence.</param>
/// <param name="Decider">Voids attempts and awards; reviews nothing.</param>
/// <param name="Auditor">Reads transcripts.</param>
/// <param name="Analyst">Reads cohort figures.</param>
internal sealed record DemoKeys(string Admin, string Platform, IReadOnlyList<string> Assessors, string Decider, string Auditor, string Analyst)
{
    private const string Prefix = "demo-";

    /// <summary>The code of the person an assessor's key belongs to; it outlives the key.</summary>
    public static string Person(int assessor) => assessor == 0 ? "demo-assessor-1" : "demo-assessor-2";

    /// <summary>What the ledger calls that person.</summary>
    public static string Actor(int assessor) => "person:" + Person(assessor);

    /// <summary>Makes them in tenant <see cref="DemoOptions.Tenant"/> and revokes those of earlier runs.</summary>
    /// <param name="api">The service.</param>
    /// <param name="bootstrapKey">The operator's key, which alone may make a tenant.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<DemoKeys> MakeAsync(DemoApi api, string bootstrapKey, CancellationToken ct)
    {
        var admin = await api.PostAsync<NewKeyAnswer>(
            bootstrapKey, "/v1/keys", new { name = Prefix + "admin", scopes = new[] { Scopes.Admin }, tenant = DemoOptions.Tenant }, ct);
        var earlier = (await api.GetAsync<KeysAnswer>(admin.Key, "/v1/keys", ct)).Keys
            .Where(k => k.RevokedAt is null && k.Id != admin.Id && k.Name.StartsWith(Prefix, StringComparison.Ordinal));
        foreach (var key in earlier)
        {
            await api.DeleteAsync(admin.Key, $"/v1/keys/{key.Id}", ct);
        }

        return new DemoKeys(
            admin.Key,
            await Make("platform", Scopes.EventsWrite, null),
            [await Make("assessor-1", Scopes.EvidenceReview, Person(0)), await Make("assessor-2", Scopes.EvidenceReview, Person(1))],
            await Make("decider", Scopes.AwardsDecide, "demo-decider"),
            await Make("auditor", Scopes.AuditRead, "demo-auditor"),
            await Make("analyst", Scopes.AnalyticsRead, null));

        async Task<string> Make(string name, string scope, string? person) =>
            (await api.PostAsync<NewKeyAnswer>(admin.Key, "/v1/keys", new { name = Prefix + name, scopes = new[] { scope }, person }, ct)).Key;
    }
}
