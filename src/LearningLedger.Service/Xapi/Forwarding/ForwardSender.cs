using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Npgsql;

namespace LearningLedger.Service.Xapi.Forwarding;

/// <summary>What a target said to a request.</summary>
internal abstract record ForwardAnswer
{
    /// <summary>It has the statements.</summary>
    public sealed record Taken : ForwardAnswer;

    /// <summary>It will never take this request.</summary>
    public sealed record Refused(string Problem) : ForwardAnswer;

    /// <summary>It fails on this request; perhaps not for ever.</summary>
    public sealed record Broken(string Problem) : ForwardAnswer;

    /// <summary>It takes nothing at the moment.</summary>
    public sealed record Away(string Problem, TimeSpan? Wait = null) : ForwardAnswer;
}

/// <summary>Posts statements to one target.</summary>
internal sealed class ForwardSender(ForwardClient client, NpgsqlConnection connection, Forward forward, byte[] tenantKey)
{
    private readonly string authorization = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{forward.User}:{forward.Password(tenantKey)}"));

    /// <summary>Posts statements in one request: one that has attachments here goes alone, and they go with it.</summary>
    public async Task<ForwardAnswer> PostAsync(IReadOnlyList<ForwardedStatement> statements, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, forward.Url.TrimEnd('/') + "/statements");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", authorization);
        request.Headers.Add("X-Experience-API-Version", forward.Version);
        request.Content = await ContentAsync(statements, cancellation);
        try
        {
            using var answer = await client.SendAsync(request, cancellation);
            return Judge(answer, isOne: statements.Count == 1);
        }
        catch (HttpRequestException e)
        {
            return new ForwardAnswer.Away(e.InnerException is HttpRequestException { Message: var refused } ? refused : e.HttpRequestError.ToString());
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new ForwardAnswer.Away("No answer in time.");
        }
    }

    private static ForwardAnswer Judge(HttpResponseMessage answer, bool isOne)
    {
        var status = (int)answer.StatusCode;
        var said = $"Answered {status}.";
        return answer.StatusCode switch
        {
            HttpStatusCode.OK or HttpStatusCode.NoContent => new ForwardAnswer.Taken(),

            // It has a statement of this id. What it has we cannot change, and sending it again would not.
            HttpStatusCode.Conflict when isOne => new ForwardAnswer.Taken(),
            HttpStatusCode.BadRequest or HttpStatusCode.Conflict or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnsupportedMediaType or HttpStatusCode.UnprocessableEntity =>
                new ForwardAnswer.Refused(said),
            HttpStatusCode.InternalServerError or HttpStatusCode.NotImplemented => new ForwardAnswer.Broken(said),
            _ => new ForwardAnswer.Away(said, answer.Headers.RetryAfter?.Delta),
        };
    }

    private async Task<HttpContent> ContentAsync(IReadOnlyList<ForwardedStatement> statements, CancellationToken cancellation)
    {
        if (statements is [{ Attachments.Count: > 0 } one])
        {
            var parts = new MultipartContent("mixed") { Json(one.Json) };
            foreach (var sha2 in one.Attachments.Distinct())
            {
                var mediaType = "";
                using var bytes = new MemoryStream();
                if (await Attachments.WriteAsync(
                    connection, forward.Tenant, one.Found.Stream, one.Found.StreamKey, sha2, type => Task.FromResult(mediaType = type), bytes, cancellation))
                {
                    var part = new ByteArrayContent(bytes.ToArray());
                    part.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
                    part.Headers.Add("Content-Transfer-Encoding", "binary");
                    part.Headers.Add("X-Experience-API-Hash", sha2);
                    parts.Add(part);
                }
            }

            if (parts.Count() > 1)
            {
                return parts;
            }
        }

        return Json([.. "["u8, .. statements.SelectMany((s, i) => i == 0 ? s.Json : [(byte)',', .. s.Json]), .. "]"u8]);
    }

    private static ByteArrayContent Json(byte[] json)
    {
        var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }
}
