using System.Text.Json;

namespace LearningLedger.Xapi;

/// <summary>Which statements are valid, and what is wrong with the others: xAPI 1.0.3 (part 2) and 2.0.0 (IEEE 9274.1.1, section 4.2).</summary>
/// <remarks>Total: any JSON value gives a list of faults or none. Every fault names its path, such as <c>context.team.member[2].mbox</c>.</remarks>
public static partial class StatementRules
{
    /// <summary>The verb that voids another statement.</summary>
    public const string Voided = "http://adlnet.gov/expapi/verbs/voided";

    private static readonly MemberNames StatementMembers = new("id", "actor", "verb", "object", "result", "context", "timestamp", "stored", "authority", "version", "attachments");
    private static readonly MemberNames SubStatementMembers = new("objectType", "actor", "verb", "object", "result", "context", "timestamp", "attachments");
    private static readonly MemberNames VerbMembers = new("id", "display");
    private static readonly MemberNames AttachmentMembers = new("usageType", "display", "description", "contentType", "length", "sha2", "fileUrl");

    /// <summary>Everything wrong with a statement; empty when it is valid.</summary>
    /// <param name="statement">As posted.</param>
    /// <param name="version">Of the request.</param>
    public static IReadOnlyList<FieldFault> Faults(JsonElement statement, XapiVersion version)
    {
        var faults = new List<FieldFault>();
        try
        {
            if (Shape.Of(statement, faults) is { } shape)
            {
                Statement(shape, version);
                SoundJson.Check(statement, faults);
            }
        }
        catch (InvalidOperationException)
        {
            // The reader refuses to make a string of half a surrogate pair.
            faults.Clear();
            SoundJson.Check(statement, faults);
        }

        return faults;
    }

    private static void Statement(Shape statement, XapiVersion version)
    {
        statement.Only(StatementMembers);
        statement.Uuid("id");
        statement.Text("stored", t => XapiText.TryTime(t, version, out _), TimeRule(version));
        statement.Text("version", t => version.MayBe(t), version == XapiVersion.One ? "must be 1.0 or 1.0.x." : "must be 1.0.x or 2.0.x.");
        if (statement.Object("authority") is { } authority)
        {
            Authority(authority);
        }

        Common(statement, version, isSubStatement: false);
    }

    private static void SubStatement(Shape statement, XapiVersion version)
    {
        statement.Only(SubStatementMembers);
        Common(statement, version, isSubStatement: true);
    }

    private static void Common(Shape statement, XapiVersion version, bool isSubStatement)
    {
        if (statement.Object("actor", required: true) is { } actor)
        {
            Actor(actor);
        }

        var verb = statement.Object("verb", required: true);
        var voids = false;
        if (verb is not null)
        {
            verb.Only(VerbMembers);
            voids = verb.Iri("id", required: true) == Voided;
            verb.LanguageMap("display");
        }

        var kind = statement.Object("object", required: true) is { } target ? Object(target, version, isSubStatement) : null;
        if (voids && !isSubStatement && kind is not (null or "StatementRef"))
        {
            statement.Fault("object.objectType", "must be StatementRef: the verb voids another statement.");
        }

        if (statement.Object("result") is { } result)
        {
            Result(result);
        }

        if (statement.Object("context") is { } context)
        {
            Context(context, version, kind is null or "Activity");
        }

        statement.Text("timestamp", t => XapiText.TryTime(t, version, out _), TimeRule(version));
        foreach (var attachment in statement.Objects("attachments"))
        {
            Attachment(attachment);
        }
    }

    private static string TimeRule(XapiVersion version) => version == XapiVersion.One
        ? "must be an ISO 8601 time, such as 2026-03-01T09:30:00Z."
        : "must be an RFC 3339 time, such as 2026-03-01T09:30:00Z.";

    private static void Attachment(Shape attachment)
    {
        attachment.Only(AttachmentMembers);
        attachment.Iri("usageType", required: true);
        attachment.LanguageMap("display", required: true);
        attachment.LanguageMap("description");
        attachment.Text("contentType", XapiText.IsMediaType, "must be a media type, such as application/pdf.", required: true);
        attachment.Text("sha2", XapiText.IsSha2, "must be a SHA-2 hash in hex.", required: true);
        attachment.Iri("fileUrl");
        if (!attachment.TryGet("length", out var length))
        {
            attachment.Fault("length", "is required.");
        }
        else if (length.ValueKind != JsonValueKind.Number || !length.TryGetInt64(out var bytes) || bytes < 0)
        {
            attachment.Fault("length", "must be a whole number of bytes.");
        }
    }
}
