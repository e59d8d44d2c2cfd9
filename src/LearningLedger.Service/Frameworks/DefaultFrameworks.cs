using System.Text.Json;
using LearningLedger.Frameworks;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;

namespace LearningLedger.Service.Frameworks;

/// <summary>The frameworks that come with the service: tenant <c>default</c> gets them when it has none.</summary>
public static class DefaultFrameworks
{
    /// <summary>Where they lie: beside the assembly.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "frameworks");

    /// <summary>Publishes them, unless the tenant has a framework already.</summary>
    /// <exception cref="LedgerStartException">A file cannot be published.</exception>
    public static async Task PublishAsync(Catalogue catalogue, CatalogueDecisions decisions, Action<string> say, CancellationToken cancellation)
    {
        if ((await catalogue.CurrentAsync(Installation.DefaultTenant, cancellation)).Size > 0)
        {
            return;
        }

        foreach (var file in (Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.json") : []).Order(StringComparer.Ordinal))
        {
            var definition = Read(file);
            await decisions.PublishAsync(DecidedBy.Policy(Installation.DefaultTenant, "installation"), definition, cancellation);
            say($"Published framework {definition.Code} ({definition.Milestones.Count} milestones, {definition.Skills.Count} skills) in tenant {Installation.DefaultTenant}.");
        }
    }

    /// <summary>Reads a framework file.</summary>
    /// <exception cref="LedgerStartException">It is faulty; the message lists how.</exception>
    public static FrameworkDefinition Read(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file), new() { AllowDuplicateProperties = false });
            var reading = FrameworkFile.Read(document.RootElement);
            return reading.Faults.Count == 0
                ? reading.Definition!
                : throw new LedgerStartException($"{file} is not a framework:\n" + string.Join('\n', reading.Faults.Select(f => $"  {f.Field} {f.Message}")));
        }
        catch (JsonException e)
        {
            throw new LedgerStartException($"{file} is not JSON: {e.Message}", e);
        }
    }
}
