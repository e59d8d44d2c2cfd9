using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>What one tenant knows: frameworks in all their versions, and cohorts.</summary>
/// <param name="tenant">The tenant.</param>
/// <param name="size">How many events it was folded from.</param>
/// <param name="frameworks">Every framework, by code.</param>
/// <param name="cohorts">Every cohort that was ever opened.</param>
public sealed class TenantCatalogue(
    string tenant, long size, IReadOnlyDictionary<string, FrameworkState> frameworks, IReadOnlyList<TenantCatalogue.KnownCohort> cohorts)
{
    /// <summary>A cohort as its opening and closing say.</summary>
    public sealed record KnownCohort(string Code, string Name, string Framework, int? FrameworkVersion, bool Closed);

    private readonly FrozenSet<string> skills = Definitions(frameworks).SelectMany(f => f.Skills).Select(s => s.Code).ToFrozenSet();
    private readonly FrozenSet<string> milestones = Definitions(frameworks).SelectMany(f => f.Milestones).Select(m => m.Code).ToFrozenSet();
    private readonly FrozenDictionary<string, KnownCohort> cohorts = cohorts.ToFrozenDictionary(c => c.Code);

    /// <summary>The tenant.</summary>
    public string Tenant { get; } = tenant;

    /// <summary>How many events it was folded from; the events are append-only, so an equal number means an equal catalogue.</summary>
    public long Size { get; } = size;

    /// <summary>The latest version of each framework that is not retired, by code.</summary>
    public IReadOnlyList<FrameworkDefinition> Current { get; } =
        [.. frameworks.Values.Where(f => f is { Retired: false, Latest: not null }).Select(f => f.Latest!.Definition).OrderBy(f => f.Code, StringComparer.Ordinal)];

    /// <summary>Whether some published framework version has the skill.</summary>
    public bool HasSkill(string code) => skills.Contains(code);

    /// <summary>Whether some published framework version has the milestone.</summary>
    public bool HasMilestone(string code) => milestones.Contains(code);

    /// <summary>Whether the cohort was ever opened.</summary>
    public bool HasCohort(string code) => cohorts.ContainsKey(code);

    /// <summary>The cohort, or null.</summary>
    public KnownCohort? Cohort(string code) => cohorts.GetValueOrDefault(code);

    /// <summary>All cohorts, by code.</summary>
    public IReadOnlyList<KnownCohort> Cohorts => [.. cohorts.Values.OrderBy(c => c.Code, StringComparer.Ordinal)];

    /// <summary>A framework with all its versions; <see cref="FrameworkState.None"/> when there is none of this code.</summary>
    public FrameworkState FrameworkState(string code) => frameworks.GetValueOrDefault(code, LearningLedger.Frameworks.FrameworkState.None);

    /// <summary>One version of a framework, or null.</summary>
    public FrameworkDefinition? Version(string code, int version) => FrameworkState(code).Find(version)?.Definition;

    /// <summary>The latest version of a framework, retired or not, or null.</summary>
    public FrameworkDefinition? Latest(string code) => FrameworkState(code).Latest?.Definition;

    /// <summary>The versions a learner is judged under: the one an open cohort of theirs pins, else the latest of each framework not retired.</summary>
    /// <param name="memberOf">Codes of the cohorts the learner is a member of.</param>
    public IReadOnlyList<FrameworkDefinition> InForce(IEnumerable<string> memberOf)
    {
        // Should two open cohorts pin different versions of one framework, the newer one is judged under.
        var pinned = memberOf.Select(Cohort).Where(c => c is { Closed: false, FrameworkVersion: not null })
            .GroupBy(c => c!.Framework).ToDictionary(g => g.Key, g => g.Max(c => c!.FrameworkVersion!.Value));
        return [.. Current.Select(f => pinned.TryGetValue(f.Code, out var version) && Version(f.Code, version) is { } p ? p : f)];
    }

    private static IEnumerable<FrameworkDefinition> Definitions(IReadOnlyDictionary<string, FrameworkState> frameworks) =>
        frameworks.Values.SelectMany(f => f.Versions).Select(v => v.Definition);
}

/// <summary>The tenants' catalogues, kept in memory and proved current by one cheap count.</summary>
public sealed class Catalogue(NpgsqlDataSource database)
{
    private const string Types = "('framework.published', 'framework.retired', 'cohort.opened', 'cohort.closed')";

    private readonly ConcurrentDictionary<string, TenantCatalogue> kept = new();

    /// <summary>The catalogue as last read, which may lag behind another node's publishing; good enough to accept a code, never to refuse one.</summary>
    public ValueTask<TenantCatalogue> RecentAsync(string tenant, CancellationToken cancellation) =>
        kept.TryGetValue(tenant, out var known) ? new(known) : new(CurrentAsync(tenant, cancellation));

    /// <summary>The catalogue as it is now.</summary>
    public async Task<TenantCatalogue> CurrentAsync(string tenant, CancellationToken cancellation)
    {
        if (kept.TryGetValue(tenant, out var known))
        {
            await using var count = database.CreateCommand($"select count(*) from ledger.mt_events where tenant_id = $1 and type in {Types}");
            count.Parameters.Add(new() { Value = tenant });
            if ((long)(await count.ExecuteScalarAsync(cancellation))! == known.Size)
            {
                return known;
            }
        }

        var read = await ReadAsync(tenant, cancellation);
        kept[tenant] = read;
        return read;
    }

    private async Task<TenantCatalogue> ReadAsync(string tenant, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select type, data::text from ledger.mt_events where tenant_id = $1 and type in {Types} order by seq_id");
        command.Parameters.Add(new() { Value = tenant });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var size = 0L;
        var frameworks = new Dictionary<string, FrameworkState>();
        var cohorts = new Dictionary<string, TenantCatalogue.KnownCohort>();
        while (await reader.ReadAsync(cancellation))
        {
            size++;
            switch (JsonSerializer.Deserialize(reader.GetString(1), EventCatalog.Find(reader.GetString(0))!.Body, LedgerJson.Options))
            {
                case FrameworkPublished published:
                    Fold(published.Definition.Code, published);
                    break;
                case FrameworkRetired retired:
                    Fold(retired.Framework, retired);
                    break;
                case CohortOpened opened:
                    cohorts[opened.Cohort] = new(opened.Cohort, opened.Name, opened.Framework, opened.FrameworkVersion, Closed: false);
                    break;
                case CohortClosed closed when cohorts.TryGetValue(closed.Cohort, out var cohort):
                    cohorts[closed.Cohort] = cohort with { Closed = true };
                    break;
            }
        }

        return new TenantCatalogue(tenant, size, frameworks, [.. cohorts.Values]);

        void Fold(string code, ILedgerEvent body) => frameworks[code] = FrameworkState.Evolve(frameworks.GetValueOrDefault(code, FrameworkState.None), body);
    }
}
