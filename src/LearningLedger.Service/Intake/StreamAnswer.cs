using System.Buffers;
using System.Text.Json;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace LearningLedger.Service.Intake;

/// <summary>What a stream is answered for a chunk that is on disk.</summary>
/// <param name="Chunk">Which, from 1.</param>
/// <param name="From">Number of its first line, from 1.</param>
/// <param name="To">Number of its last line.</param>
/// <param name="Accepted">How many events were recorded now.</param>
/// <param name="Duplicates">How many were recorded before.</param>
/// <param name="Receipts">One for each event, in order, if asked for by <c>Prefer: return=representation</c>.</param>
/// <param name="Receipt">The same signed, if asked for likewise.</param>
public sealed record ChunkRecorded(int Chunk, int From, int To, int Accepted, int Duplicates, IReadOnlyList<Receipt>? Receipts, string? Receipt = null);

/// <summary>Writes the lines a stream is answered with, each as soon as it is known.</summary>
public sealed class StreamAnswer
{
    private readonly HttpContext context;
    private readonly bool receipts;
    private int recorded;

    /// <summary>Answers the request; nothing is sent before the first line.</summary>
    public StreamAnswer(HttpContext context)
    {
        this.context = context;
        receipts = context.Request.Headers.GetCommaSeparatedValues("Prefer").Contains("return=representation", StringComparer.OrdinalIgnoreCase);
        if (receipts)
        {
            context.Response.Headers["Preference-Applied"] = "return=representation";
        }

        context.Response.ContentType = PostEventsEndpoint.Lines;
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    /// <summary>A chunk is on disk.</summary>
    public async Task RecordedAsync(StreamChunk chunk, IReadOnlyList<Receipt> of, ReceiptSigner signer)
    {
        var accepted = of.Count(r => r.Status == Receipt.Accepted);
        Telemetry.EventsDuplicate.Add(of.Count - accepted);
        recorded = chunk.To;
        var signed = receipts ? await Receipt.SignAsync(signer, context.Caller().Tenant, of) : null;
        var line = new ChunkRecorded(chunk.Number, chunk.From, chunk.To, accepted, of.Count - accepted, receipts ? of : null, signed);
        AnswerJson.Write(context.Response.BodyWriter, line, AnswerJson.Default.ChunkRecorded);
        await EndLineAsync();
    }

    /// <summary>A chunk is refused: the problem document, which names the lines at fault.</summary>
    public Task RefuseAsync(StreamChunk chunk, IResult problem)
    {
        var document = Document(problem);
        (document.Extensions["chunk"], document.Extensions["from"], document.Extensions["to"]) = (chunk.Number, chunk.From, chunk.To);
        if (document.Extensions.TryGetValue("errors", out var errors) && errors is IEnumerable<Problems.Fault> faults)
        {
            document.Extensions["errors"] = faults.Select(f => f.Index is { } index ? f with { Line = chunk.LineOf(index) } : f).ToList();
        }

        return LineAsync(document);
    }

    /// <summary>The stream cannot go on: the problem document, with the first line that is not recorded.</summary>
    public Task EndAsync(IResult problem)
    {
        var document = Document(problem);
        document.Extensions["from"] = recorded + 1;
        return LineAsync(document);
    }

    private ProblemDetails Document(IResult problem)
    {
        var document = (ProblemDetails)((IValueHttpResult)problem).Value!;
        document.Detail = recorded == 0 ? $"No line is recorded. {document.Detail}" : $"Lines 1 to {recorded} are recorded, those after are not. {document.Detail}";
        return document;
    }

    private async Task LineAsync(ProblemDetails problem)
    {
        await JsonSerializer.SerializeAsync(context.Response.BodyWriter, problem, LedgerJson.Options, context.RequestAborted);
        await EndLineAsync();
    }

    private async Task EndLineAsync()
    {
        context.Response.BodyWriter.Write("\n"u8);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
