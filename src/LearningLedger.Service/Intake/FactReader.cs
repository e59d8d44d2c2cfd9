using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;

namespace LearningLedger.Service.Intake;

/// <summary>Reads the data of each type that can be posted.</summary>
public static partial class FactReader
{
    /// <summary>The types a platform can post.</summary>
    public static readonly FrozenSet<string> Types =
        FrozenSet.Create("skill.attempted", "evidence.submitted", "evidence.withdrawn", "cohort.joined", "cohort.left");

    /// <summary>The fact, or null when something is wrong with it (noted in <paramref name="data"/>).</summary>
    public static Fact? Read(string type, Fields data, TenantCatalogue codes) => type switch
    {
        "skill.attempted" => Attempt(data, codes),
        "evidence.submitted" => Submission(data, codes),
        "evidence.withdrawn" => Withdrawal(data),
        _ => Membership(data, codes, joined: type == "cohort.joined"),
    };

    private static Fact.Attempt? Attempt(Fields data, TenantCatalogue codes)
    {
        data.RefuseOthers("skill", "score", "activity", "duration", "registration");
        var skill = KnownSkill(data, "skill", data.Code("skill"), codes);
        var score = Score(data);
        var activity = data.Iri("activity");
        var duration = Duration(data);
        var registration = data.Uuid("registration", required: false);
        return skill is null || score is null ? null : new(new SkillAttempted(skill, score.Value, activity, duration, registration));
    }

    private static Fact.Submission? Submission(Fields data, TenantCatalogue codes)
    {
        data.RefuseOthers("evidence", "skills", "mediaType", "size", "sha256", "location", "milestone", "title");
        var evidence = data.Uuid("evidence");
        var skills = Skills(data, codes);
        var mediaType = data.Text("mediaType", 255);
        if (mediaType is not null && !MediaType().IsMatch(mediaType))
        {
            data.Fault("mediaType", "must be a media type such as application/pdf.");
        }

        long? size = null;
        if (data.Find("size", required: true, out var bytes))
        {
            size = bytes.ValueKind == JsonValueKind.Number && bytes.TryGetInt64(out var n) && n >= 0 ? n : null;
            if (size is null)
            {
                data.Fault("size", "must be a whole number of bytes, 0 or more.");
            }
        }

        var sha256 = data.Text("sha256", 64);
        if (sha256 is not null && !Sha256().IsMatch(sha256))
        {
            data.Fault("sha256", "must be 64 hex digits.");
        }

        var location = data.Text("location", Limits.Uri);
        var milestone = data.Code("milestone", required: false);
        if (milestone is not null && !codes.HasMilestone(milestone))
        {
            data.Fault("milestone", $"'{milestone}' is in no published framework.");
        }

        var title = data.Text("title", Limits.Text, required: false);
        return evidence is null || skills is null || mediaType is null || size is null || sha256 is null || location is null
            ? null
            : new(evidence.Value, skills, mediaType, size.Value, sha256.ToLowerInvariant(), location, milestone, title);
    }

    private static Fact.Withdrawal? Withdrawal(Fields data)
    {
        data.RefuseOthers("evidence", "reason");
        var evidence = data.Uuid("evidence");
        var reason = data.Code("reason");
        return evidence is null || reason is null ? null : new(new EvidenceWithdrawn(evidence.Value, reason));
    }

    private static Fact.Membership? Membership(Fields data, TenantCatalogue codes, bool joined)
    {
        data.RefuseOthers("cohort");
        var cohort = data.Code("cohort");
        if (cohort is not null && !codes.HasCohort(cohort))
        {
            data.Fault("cohort", $"'{cohort}' is not known here.");
        }

        return cohort is null ? null : new(cohort, joined);
    }

    private static decimal? Score(Fields data)
    {
        if (!data.Find("score", required: true, out var value))
        {
            return null;
        }

        // The exact form is checked with the whole data; here only what a decimal and the scale can hold.
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var score) && score is >= 0 and <= 1 && (score != 0 || value.GetDouble() == 0))
        {
            return score;
        }

        data.Fault("score", "must be a number from 0 to 1 with at most 28 decimals.");
        return null;
    }

    private static string? Duration(Fields data)
    {
        var text = data.Text("duration", 64, required: false);
        if (text is null || (Iso8601Duration().IsMatch(text) && IsDuration(text)))
        {
            return text;
        }

        data.Fault("duration", "must be an ISO 8601 duration such as PT12M30S.");
        return null;
    }

    private static bool IsDuration(string text)
    {
        try
        {
            return text.Contains('W') || XmlConvert.ToTimeSpan(text) >= TimeSpan.Zero;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return false;
        }
    }

    private static List<string>? Skills(Fields data, TenantCatalogue codes)
    {
        if (!data.Find("skills", required: true, out var list))
        {
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > Limits.SkillsOfEvidence)
        {
            data.Fault("skills", $"must be a list of 1 to {Limits.SkillsOfEvidence} codes.");
            return null;
        }

        var skills = new List<string>();
        foreach (var item in list.EnumerateArray())
        {
            var field = $"skills[{skills.Count}]";
            var code = item.ValueKind == JsonValueKind.String ? item.GetString()! : "";
            if (skills.Contains(code))
            {
                data.Fault(field, "is named twice.");
            }
            else if (code.Length is 0 or > Limits.Code)
            {
                data.Fault(field, "must be a code.");
            }
            else
            {
                KnownSkill(data, field, code, codes);
            }

            skills.Add(code);
        }

        return skills;
    }

    private static string? KnownSkill(Fields data, string field, string? code, TenantCatalogue codes)
    {
        if (code is null || codes.HasSkill(code))
        {
            return code;
        }

        data.Fault(field, $"'{code}' is in no published framework.");
        return null;
    }

    [GeneratedRegex(@"\A[0-9a-fA-F]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Sha256();

    [GeneratedRegex(@"\A[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(\s*;.*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex MediaType();

    [GeneratedRegex(@"\AP(?=.)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Iso8601Duration();
}
