using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace LearningLedger.Service.Intake;

/// <summary>Writes what posts are answered: an object for each event, which by reflection takes as long as the reading of its event.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Serialization, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PostEventsAnswer))]
[JsonSerializable(typeof(ChunkRecorded))]
internal sealed partial class AnswerJson : JsonSerializerContext
{
    private static readonly JsonWriterOptions Dialect = new() { Encoder = LedgerJson.Options.Encoder };

    /// <summary>Writes an answer, or a line of a stream's answer without its end.</summary>
    public static void Write<T>(IBufferWriter<byte> to, T answer, JsonTypeInfo<T> type)
    {
        using var writer = new Utf8JsonWriter(to, Dialect);
        type.SerializeHandler!(writer, answer);
    }

    /// <summary>200 with the answer.</summary>
    internal sealed class Result(PostEventsAnswer answer) : IResult
    {
        /// <inheritdoc/>
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.ContentType = "application/json; charset=utf-8";
            Write(httpContext.Response.BodyWriter, answer, Default.PostEventsAnswer);
            await httpContext.Response.BodyWriter.FlushAsync(httpContext.RequestAborted);
        }
    }
}
