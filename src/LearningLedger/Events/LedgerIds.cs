using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LearningLedger.Integrity;

namespace LearningLedger.Events;

/// <summary>
/// Ids that follow from what they name: UUIDv5 (RFC 9562, section 5.5) over <see cref="Namespace"/> and the RFC 8785 form of a JSON array.
/// The array's first element tells the kind, so no two kinds and no two names can meet.
/// </summary>
public static class LedgerIds
{
    /// <summary>The published namespace of all LearningLedger ids.</summary>
    public static readonly Guid Namespace = new("7a1d3c52-9f6e-4b0a-8c47-5e2f90b6d1a3");

    /// <summary>A posted event: <c>["event",tenant,source,id]</c>; posting it again gives the same id.</summary>
    public static Guid Event(string tenant, string source, string id) => Derive("event", tenant, source, id);

    /// <summary>An event decided here: <c>["decision",tenant,stream,version]</c>, so two decisions on one state cannot both be stored.</summary>
    public static Guid Decision(string tenant, Guid stream, long version) => Derive("decision", tenant, stream.ToString("D"), version);

    /// <summary>A framework's stream: <c>["framework",tenant,code]</c>.</summary>
    public static Guid Framework(string tenant, string code) => Derive("framework", tenant, code);

    /// <summary>A cohort's stream: <c>["cohort",tenant,code]</c>.</summary>
    public static Guid Cohort(string tenant, string code) => Derive("cohort", tenant, code);

    /// <summary>The stream of a tenant's saved reports: <c>["reports",tenant]</c>.</summary>
    public static Guid Reports(string tenant) => Derive("reports", tenant);

    /// <summary>The stream of a framework's mapping: <c>["mapping",tenant,framework]</c>.</summary>
    public static Guid Mapping(string tenant, string framework) => Derive("mapping", tenant, framework);

    /// <summary>The n-th award of a milestone to a learner: <c>["award",tenant,learner,framework,milestone,n]</c>.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="learner">The learner.</param>
    /// <param name="framework">Code of the framework.</param>
    /// <param name="milestone">Code of the milestone.</param>
    /// <param name="n">1 for the first.</param>
    public static Guid Award(string tenant, Guid learner, string framework, string milestone, int n) =>
        Derive("award", tenant, learner.ToString("D"), framework, milestone, n);

    /// <summary>The event of an xAPI statement: <c>["statement.stored",tenant,id]</c>; a statement's id is unique in its tenant.</summary>
    public static Guid StatementEvent(string tenant, Guid statement) => Derive("statement.stored", tenant, statement.ToString("D"));

    /// <summary>The stream of an identified group's statements: <c>["group",tenant,identifier]</c>.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="identifier">Scheme, issuer and value, one a line.</param>
    public static Guid Group(string tenant, string identifier) => Derive("group", tenant, identifier);

    /// <summary>The stream of an anonymous group's statement: <c>["statement",tenant,id]</c>.</summary>
    public static Guid Statement(string tenant, Guid statement) => Derive("statement", tenant, statement.ToString("D"));

    /// <summary>The n-th event that a statement was mapped to: <c>["mapped",statement event id,n]</c>.</summary>
    /// <param name="statementEvent">Id of the statement's event.</param>
    /// <param name="n">1 for the first.</param>
    public static Guid Mapped(Guid statementEvent, int n) => Derive("mapped", statementEvent.ToString("D"), n);

    /// <summary>UUIDv5 of the RFC 8785 form of <paramref name="name"/>: strings and whole numbers.</summary>
    public static Guid Derive(params ReadOnlySpan<object> name)
    {
        // Each thread keeps what it writes to and hashes with: ids are made several times for every event.
        var input = text ??= new ArrayBufferWriter<byte>(512);
        input.ResetWrittenCount();
        Namespace.TryWriteBytes(input.GetSpan(16), bigEndian: true, out _);
        input.Advance(16);
        for (var i = 0; i < name.Length; i++)
        {
            input.Write(i == 0 ? "["u8 : ","u8);
            if (name[i] is string s)
            {
                CanonicalJson.WriteString(s, input);
            }
            else
            {
                Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name[i]}"), input);
            }
        }

        input.Write(name.IsEmpty ? "[]"u8 : "]"u8);
        return Version5(input.WrittenSpan);
    }

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? text;

    [ThreadStatic]
    private static IncrementalHash? hasher;

    private static Guid Version5(ReadOnlySpan<byte> name)
    {
        Span<byte> hash = stackalloc byte[20];
#pragma warning disable CA5350 // SHA-1 is what UUIDv5 is defined with; nothing here rests on its collision resistance against an attacker.
        hasher ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        hasher.AppendData(name);
        hasher.GetHashAndReset(hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
