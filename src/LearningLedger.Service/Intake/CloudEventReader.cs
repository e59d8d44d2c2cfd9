using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using LearningLedger.Events;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;

namespace LearningLedger.Service.Intake;

/// <summary>Reads CloudEvents 1.0 (JSON format) as posted and says everything that is wrong with each.</summary>
/// <param name="tenant">The poster's tenant, part of each event's id.</param>
/// <param name="now">The server's time.</param>
/// <param name="codes">What the tenant knows.</param>
public sealed partial class CloudEventReader(string tenant, DateTimeOffset now, TenantCatalogue codes)
{
    private readonly List<PostedEvent> events = [];
    private readonly List<Problems.Fault> faults = [];
    private readonly Dictionary<Guid, PostedEvent> byId = [];

    /// <summary>The events without fault, in request order.</summary>
    public IReadOnlyList<PostedEvent> Events => events;

    /// <summary>Everything that is wrong, in request order.</summary>
    public IReadOnlyList<Problems.Fault> Faults => faults;

    /// <summary>Reads the next event of the request.</summary>
    public void Read(JsonElement element, int index)
    {
        var before = faults.Count;
        if (element.ValueKind != JsonValueKind.Object)
        {
            faults.Add(new(index, "$", "must be a JSON object, one CloudEvent."));
            return;
        }

        var at = new Fields(element, index, "", faults);
        if (at.Text("specversion", 8) is { } version && version != "1.0")
        {
            at.Fault("specversion", "must be 1.0.");
        }

        var id = at.Text("id", Limits.EventId);
        var source = at.UriReference("source");
        var subject = at.Text("subject", Limits.Subject);
        var occurred = Time(at);
        var type = at.Text("type", Limits.Code);
        if (element.TryGetProperty("data_base64", out _))
        {
            at.Fault("data_base64", "is not taken; send the data as a JSON object in 'data'.");
        }
        else if (element.TryGetProperty("datacontenttype", out var contentType) && contentType.ValueKind != JsonValueKind.Null
            && !(contentType.ValueKind == JsonValueKind.String && JsonMediaType().IsMatch(contentType.GetString()!)))
        {
            at.Fault("datacontenttype", "must be application/json.");
        }

        var (fact, data) = Data(at, type, index);
        if (faults.Count > before || id is null || source is null || subject is null || type is null || fact is null || data is null)
        {
            return;
        }

        var read = new PostedEvent(index, LedgerIds.Event(tenant, source, id), source, id, subject, occurred, type, data, Sha256.Of(JsonMarshal.GetRawUtf8Value(element)), fact);
        if (!byId.TryAdd(read.EventId, read) && !byId[read.EventId].SaysTheSame(read))
        {
            at.Fault("id", $"is used twice in this request with different content (first at index {byId[read.EventId].Index}).");
            return;
        }

        events.Add(read);
    }

    private DateTimeOffset Time(Fields at)
    {
        if (at.Text("time", 64) is not { } text)
        {
            return default;
        }

        if (!Rfc3339().IsMatch(text) || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            at.Fault("time", "must be an RFC 3339 time with a zone, such as 2026-03-01T09:30:00Z.");
            return default;
        }

        if (time > now + Limits.ClockAhead)
        {
            at.Fault("time", $"lies more than {Limits.ClockAhead.TotalHours:0} hours ahead of the server, whose time is {LedgerJson.Text(now)}.");
        }

        return LedgerJson.Microseconds(time);
    }

    private (Fact? Fact, byte[]? Canonical) Data(Fields at, string? type, int index)
    {
        if (type is null)
        {
            return default;
        }

        if (!FactReader.Types.Contains(type))
        {
            at.Fault("type", $"'{Clip(type)}' is not taken here; it must be one of {string.Join(", ", FactReader.Types)}.");
            return default;
        }

        if (!at.Element.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Object)
        {
            at.Fault("data", "must be a JSON object.");
            return default;
        }

        byte[] canonical;
        try
        {
            canonical = CanonicalJson.Bytes(data);
        }
        catch (CanonicalJsonException e)
        {
            at.Fault(e.Path == "$" ? "data" : "data." + e.Path, e.Fault + ".");
            return default;
        }

        if (canonical.AsSpan().IndexOf("\\u0000"u8) >= 0)
        {
            at.Fault("data", "holds a NUL character.");
            return default;
        }

        return (FactReader.Read(type, new Fields(data, index, "data.", faults), codes), canonical);
    }

    private static string Clip(string text) => text.Length <= 40 ? text : text[..40] + "...";

    [GeneratedRegex(@"\A\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,12})?([Zz]|[+-]\d{2}:\d{2})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();

    [GeneratedRegex(@"\Aapplication/([a-z0-9.+-]+\+)?json(\s*;.*)?\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex JsonMediaType();
}
