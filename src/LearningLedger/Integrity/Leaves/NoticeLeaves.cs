using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LearningLedger.Integrity;

/// <summary>The heads of all streams at one size of the log: <c>{at, k: "heads", n, root, streams, t, v}</c>.</summary>
/// <param name="At">When it was made, UTC, whole microseconds.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Covered">The leaves it speaks of: those before this index (<c>n</c>). A log replayed from its leaves can only be checked if it is the leaf's own.</param>
/// <param name="Root">Root of the tree of heads, see <see cref="HeadsTree"/>.</param>
/// <param name="Streams">How many streams there are.</param>
public sealed record HeadsLeaf(DateTimeOffset At, string Tenant, long Covered, TreeHash Root, long Streams) : LogLeaf(At, Tenant)
{
    /// <inheritdoc/>
    public override byte[] Bytes() => NoticeLeaves.Canonical(
        ("at", Text(At)), ("k", NoticeLeaves.Heads), ("n", Covered), ("root", Root.ToString()), ("streams", Streams), ("t", Tenant), ("v", FormatVersion));
}

/// <summary>The first leaf of a log that takes the place of another, after a restore from a backup: <c>{at, k: "epoch", note, t, v}</c>.</summary>
/// <param name="At">When it was made, UTC, whole microseconds.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Note">The last signed checkpoint known of the former log, verbatim: whatever it covers beyond the restored data was lost.</param>
public sealed record EpochLeaf(DateTimeOffset At, string Tenant, string Note) : LogLeaf(At, Tenant)
{
    /// <inheritdoc/>
    public override byte[] Bytes() => NoticeLeaves.Canonical(("at", Text(At)), ("k", NoticeLeaves.Epoch), ("note", Note), ("t", Tenant), ("v", FormatVersion));
}

/// <summary>That a report was made: <c>{at, digest, id, k: "report", n, projection, t, v}</c>. Who holds the leaves can make it again and compare.</summary>
/// <param name="At">When it was made, UTC, whole microseconds.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Digest">SHA-256 of its result's bytes.</param>
/// <param name="Report">Its id.</param>
/// <param name="Covered">The leaves it was made from: those before this index (<c>n</c>).</param>
/// <param name="Projection">Name and version of the rule that made it, as <c>funnel/1</c>.</param>
public sealed record ReportLeaf(DateTimeOffset At, string Tenant, TreeHash Digest, Guid Report, long Covered, string Projection) : LogLeaf(At, Tenant)
{
    /// <inheritdoc/>
    public override byte[] Bytes() => NoticeLeaves.Canonical(
        ("at", Text(At)), ("digest", Digest.ToString()), ("id", Report.ToString("D")), ("k", NoticeLeaves.Report), ("n", Covered), ("projection", Projection),
        ("t", Tenant), ("v", FormatVersion));
}

/// <summary>Writing and reading of the kinds that stand for no event.</summary>
internal static class NoticeLeaves
{
    public const string Heads = "heads";
    public const string Epoch = "epoch";
    public const string Report = "report";

    /// <summary>An object of texts and whole numbers; members come in RFC 8785's order.</summary>
    public static byte[] Canonical(params ReadOnlySpan<(string Name, object Value)> members)
    {
        var output = new ArrayBufferWriter<byte>(256);
        var before = "{"u8;
        foreach (var (name, value) in members)
        {
            output.Write(before);
            CanonicalJson.WriteString(name, output);
            output.Write(":"u8);
            if (value is string text)
            {
                CanonicalJson.WriteString(text, output);
            }
            else
            {
                Encoding.UTF8.GetBytes(Convert.ToString(value, CultureInfo.InvariantCulture), output);
            }

            before = ","u8;
        }

        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The leaf an object is, or null; the caller compares the bytes, so whatever is loose or missing here shows there.</summary>
    public static LogLeaf? Read(JsonElement leaf)
    {
        string Text(string name) => leaf.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");
        var at = DateTimeOffset.ParseExact(
            Text("at"), LogLeaf.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        return Text("k") switch
        {
            Heads => new HeadsLeaf(at, Text("t"), leaf.GetProperty("n").GetInt64(), Hash("root"), leaf.GetProperty("streams").GetInt64()),
            Epoch => new EpochLeaf(at, Text("t"), Text("note")),
            Report => new ReportLeaf(at, Text("t"), Hash("digest"), leaf.GetProperty("id").GetGuid(), leaf.GetProperty("n").GetInt64(), Text("projection")),
            _ => null,
        };

        TreeHash Hash(string name) => TreeHash.TryParse(Text(name), out var hash) ? hash : throw new FormatException($"{name} is not a hash.");
    }
}
