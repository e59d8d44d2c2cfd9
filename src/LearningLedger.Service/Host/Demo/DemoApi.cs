using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace LearningLedger.Service.Host.Demo;

/// <summary>The service's HTTP API as its users call it.</summary>
/// <param name="client">Its base address is the service.</param>
internal sealed class DemoApi(HttpClient client)
{
    /// <summary>How long one request is repeated while the service says "later".</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Requests in flight at once, where their order does not matter.</summary>
    public static ParallelOptions Together(CancellationToken ct) => new() { MaxDegreeOfParallelism = 12, CancellationToken = ct };

    /// <summary>Reads something.</summary>
    public async Task<T> GetAsync<T>(string key, string path, CancellationToken ct) =>
        Read<T>(await SendAsync(key, HttpMethod.Get, path, null, [], ct), path);

    /// <summary>Does something and reads the answer.</summary>
    public async Task<T> PostAsync<T>(string key, string path, object body, CancellationToken ct) =>
        Read<T>(await SendAsync(key, HttpMethod.Post, path, Json(body), [], ct), path);

    /// <summary>Does something whose answer does not matter.</summary>
    public async Task PostAsync(string key, string path, object body, CancellationToken ct) =>
        (await SendAsync(key, HttpMethod.Post, path, Json(body), [], ct)).Dispose();

    /// <summary>Sets something.</summary>
    public async Task PutAsync(string key, string path, object body, CancellationToken ct) =>
        (await SendAsync(key, HttpMethod.Put, path, Json(body), [], ct)).Dispose();

    /// <summary>Does something; true when it was done, false when it was answered with <paramref name="fine"/> instead.</summary>
    public async Task<bool> TryPostAsync(string key, string path, object body, HttpStatusCode fine, CancellationToken ct)
    {
        using var answer = await SendAsync(key, HttpMethod.Post, path, Json(body), [fine], ct);
        return answer.IsSuccessStatusCode;
    }

    /// <summary>Posts bytes of a media type of their own.</summary>
    public async Task<T> PostAsync<T>(string key, string path, ReadOnlyMemory<byte> body, string contentType, CancellationToken ct)
    {
        var answer = await SendAsync(
            key, HttpMethod.Post, path, () => new ReadOnlyMemoryContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } }, [], ct);
        return Read<T>(answer, path);
    }

    /// <summary>Deletes something.</summary>
    public async Task DeleteAsync(string key, string path, CancellationToken ct) =>
        (await SendAsync(key, HttpMethod.Delete, path, null, [], ct)).Dispose();

    private static Func<HttpContent> Json(object body) => () => JsonContent.Create(body, body.GetType(), options: LedgerJson.Options);

    private static T Read<T>(HttpResponseMessage answer, string path)
    {
        using (answer)
        {
            using var body = answer.Content.ReadAsStream();
            return JsonSerializer.Deserialize<T>(body, LedgerJson.Options) ?? throw new DemoException($"{path} was answered with nothing.");
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        string key, HttpMethod method, string path, Func<HttpContent>? content, HttpStatusCode[] fine, CancellationToken ct)
    {
        for (var until = DateTime.UtcNow + Patience; ;)
        {
            using var request = new HttpRequestMessage(method, path) { Content = content?.Invoke() };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            var answer = await client.SendAsync(request, ct);
            if (answer.IsSuccessStatusCode || fine.Contains(answer.StatusCode))
            {
                return answer;
            }

            using (answer)
            {
                if (answer.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests) || DateTime.UtcNow > until)
                {
                    var text = await answer.Content.ReadAsStringAsync(ct);
                    throw new DemoException($"{method} {path} was answered {(int)answer.StatusCode}: {(text.Length > 600 ? text[..600] + "..." : text)}");
                }

                await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), ct);
            }
        }
    }
}

/// <summary>The demo cannot go on; the message says at which request and why.</summary>
/// <param name="message">For people.</param>
internal sealed class DemoException(string message) : Exception(message);
