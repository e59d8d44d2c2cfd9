using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using LearningLedger.Service.Host;

namespace LearningLedger.Service.Intake.Import;

/// <summary>What became of a request of the import.</summary>
internal abstract record Delivery
{
    /// <summary>All of it is on disk.</summary>
    public sealed record Done : Delivery;

    /// <summary>It did not come to an end; what was not acknowledged may be sent again.</summary>
    public sealed record Cut(string Why, TimeSpan? RetryAfter = null) : Delivery;

    /// <summary>The service does not take it, and never will.</summary>
    public sealed record Refused(ServiceProblem Problem) : Delivery;
}

/// <summary>A problem document, as an answer of its own or as a line of one.</summary>
internal sealed record ServiceProblem(int Status, string? Title, string? Detail, IReadOnlyList<Problems.Fault>? Errors);

/// <summary>Sends parts as streams to <c>POST /v1/events</c>.</summary>
internal sealed class ImportClient(HttpClient client)
{
    // No healthy service takes that long for a part; one that does is asked again.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Sends a part; the lines acknowledged are handed on and left out of it, however it ends.</summary>
    public async Task<Delivery> SendAsync(ImportPart part, Action<ChunkRecorded, int> acknowledged, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        var recorded = 0;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events") { Content = new ReadOnlyMemoryContent(part.Bytes) };
            request.Content.Headers.ContentType = new(PostEventsEndpoint.Lines);
            request.Headers.Accept.Add(new(PostEventsEndpoint.Lines));
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (!answer.IsSuccessStatusCode)
            {
                return Outcome(Problem(await answer.Content.ReadAsStringAsync(limit.Token), answer.StatusCode), answer.Headers.RetryAfter);
            }

            using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));
            while (await lines.ReadLineAsync(limit.Token) is { } line)
            {
                var chunk = JsonSerializer.Deserialize<ChunkRecorded>(line, LedgerJson.Options)!;
                if (chunk.Accepted + chunk.Duplicates == 0)
                {
                    return Outcome(Problem(line, HttpStatusCode.InternalServerError), null);
                }

                acknowledged(chunk, part.Acknowledge(chunk.To - recorded));
                recorded = chunk.To;
            }

            // Lines after the last event may be blank; anything else that is not answered is not known to be recorded.
            return part.Bytes.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0 ? new Delivery.Done() : new Delivery.Cut("the answer ended early");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return new Delivery.Cut(e is OperationCanceledException ? "no answer" : e.Message);
        }
    }

    private static Delivery Outcome(ServiceProblem problem, RetryConditionHeaderValue? retry) => problem switch
    {
        { Status: 408 or 429 or >= 500 } => new Delivery.Cut(problem.Detail ?? problem.Title ?? $"status {problem.Status}", retry?.Delta),
        _ => new Delivery.Refused(problem),
    };

    private static ServiceProblem Problem(string text, HttpStatusCode status)
    {
        try
        {
            return JsonSerializer.Deserialize<ServiceProblem>(text, LedgerJson.Options)!;
        }
        catch (JsonException)
        {
            return new((int)status, null, text.Length == 0 ? $"Answered {(int)status}." : text[..Math.Min(text.Length, 300)], null);
        }
    }
}
