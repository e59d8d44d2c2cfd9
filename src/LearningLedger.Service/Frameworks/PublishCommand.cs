using LearningLedger.Service.Host;

namespace LearningLedger.Service.Frameworks;

/// <summary><c>publish FILE</c>: posts a framework file to the service.</summary>
public static class PublishCommand
{
    /// <summary>0 when it is published, now or before; 1 when it is refused.</summary>
    public static async Task<int> RunAsync(string file, HttpClient client, CancellationToken cancellation)
    {
        if (!File.Exists(file))
        {
            throw new LedgerStartException($"There is no file {file}.");
        }

        var definition = DefaultFrameworks.Read(file);
        using var answer = await client.PostAsJsonAsync("/v1/frameworks", definition, LedgerJson.Options, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            await Console.Error.WriteLineAsync($"Not published ({(int)answer.StatusCode}): {await answer.Content.ReadAsStringAsync(cancellation)}");
            return 1;
        }

        var published = (await answer.Content.ReadFromJsonAsync<PublishedFramework>(LedgerJson.Options, cancellation))!;
        Console.WriteLine(
            answer.StatusCode == System.Net.HttpStatusCode.Created
                ? $"Published {published.Code} version {published.Version} (SHA-256 {published.Hash})."
                : $"{published.Code} is published already with this content, as version {published.Version}.");
        return 0;
    }
}
