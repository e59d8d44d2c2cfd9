using System.Text.Json;
using LearningLedger.Mappings;
using LearningLedger.Service.Host;

namespace LearningLedger.Service.Xapi.Mappings;

/// <summary><c>mapping publish FILE</c> and <c>mapping show FRAMEWORK</c>: what xAPI statements mean in a framework.</summary>
public static class MappingCommand
{
    /// <summary>0 when it is published, now or before; 1 when it is refused.</summary>
    public static async Task<int> PublishAsync(string file, HttpClient client, CancellationToken cancellation)
    {
        var mapping = Read(file);
        using var answer = await client.PostAsJsonAsync($"/v1/frameworks/{mapping.Framework}/mapping", mapping, LedgerJson.Options, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            await Console.Error.WriteLineAsync($"Not published ({(int)answer.StatusCode}): {await answer.Content.ReadAsStringAsync(cancellation)}");
            return 1;
        }

        var published = (await answer.Content.ReadFromJsonAsync<PublishedMapping>(LedgerJson.Options, cancellation))!;
        Console.WriteLine(
            answer.StatusCode == System.Net.HttpStatusCode.Created
                ? $"Published the mapping of {published.Framework}, version {published.Version} (SHA-256 {published.Hash})."
                : $"The mapping of {published.Framework} is published already with this content, as version {published.Version}.");
        return 0;
    }

    /// <summary>Prints the latest version; 1 when there is none.</summary>
    public static async Task<int> ShowAsync(string framework, HttpClient client, CancellationToken cancellation)
    {
        using var answer = await client.GetAsync($"/v1/frameworks/{Uri.EscapeDataString(framework)}/mapping", cancellation);
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        await (answer.IsSuccessStatusCode ? Console.Out : Console.Error).WriteLineAsync(text);
        return answer.IsSuccessStatusCode ? 0 : 1;
    }

    private static MappingDefinition Read(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file), new() { AllowDuplicateProperties = false });
            var reading = MappingFile.Read(document.RootElement);
            return reading.Faults.Count == 0
                ? reading.Definition!
                : throw new LedgerStartException($"{file} is not a mapping:\n" + string.Join('\n', reading.Faults.Select(f => $"  {f.Field} {f.Message}")));
        }
        catch (JsonException e)
        {
            throw new LedgerStartException($"{file} is not JSON: {e.Message}", e);
        }
        catch (FileNotFoundException)
        {
            throw new LedgerStartException($"There is no file {file}.");
        }
    }
}
