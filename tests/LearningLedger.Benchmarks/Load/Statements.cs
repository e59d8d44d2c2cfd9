using System.Globalization;
using System.Text;

namespace LearningLedger.Benchmarks.Load;

/// <summary>Statements as a course sends them, with a random id of their own; about 1.2 kilobytes each. One in four is a passed exercise, the others tell of a page.</summary>
internal static class Statements
{
    /// <summary>One in so many is passed, and gives an attempt by <see cref="Mapping"/>.</summary>
    private const int PassedOneIn = 4;

    /// <summary>A passed exercise is an attempt at a skill.</summary>
    public const string Mapping =
        """{"framework":"ai-systems-engineer","rules":[{"skill":"linux-fundamentals","activities":["https://platform.example/courses/engineering/exercises/*"]}]}""";

    private const string Platform = "https://platform.example";

    /// <summary>Appends the one with this number.</summary>
    public static void Append(StringBuilder body, LoadSpec spec, long n)
    {
        var learner = (int)(n % spec.Learners);
        body.Append(
            CultureInfo.InvariantCulture,
            $$$"""{"id":"{{{Id(spec.Prefix, n):D}}}","actor":{"objectType":"Agent","account":{"homePage":"{{{Platform}}}","name":"{{{Requests.Subject(learner)}}}"}},""");
        if (IsPassed(n, spec.Learners))
        {
            body.Append(
                CultureInfo.InvariantCulture,
                $$$$"""
                "verb":{"id":"http://adlnet.gov/expapi/verbs/passed","display":{"en-US":"passed"}},"object":{"id":"{{{{Platform}}}}/courses/engineering/exercises/{{{{n % 500}}}}","definition":{"type":"http://adlnet.gov/expapi/activities/assessment","name":{"en-US":"Exercise {{{{n % 500}}}}"}}},"result":{"success":true,"completion":true,"duration":"PT{{{{n % 59}}}}M{{{{n % 57}}}}S","score":{"scaled":0.{{{{1 + (n % 99):00}}}},"raw":{{{{1 + (n % 99)}}}},"min":0,"max":100}},
                """);
        }
        else
        {
            body.Append(
                CultureInfo.InvariantCulture,
                $$$$"""
                "verb":{"id":"http://adlnet.gov/expapi/verbs/experienced","display":{"en-US":"experienced"}},"object":{"id":"{{{{Platform}}}}/courses/engineering/pages/{{{{n % 400}}}}","definition":{"type":"http://adlnet.gov/expapi/activities/module","name":{"en-US":"Page {{{{n % 400}}}}"}}},
                """);
        }

        body.Append(
            CultureInfo.InvariantCulture,
            $$$$"""
            "context":{"registration":"{{{{learner:x8}}}}-5f0e-4c1d-9a63-{{{{learner:x12}}}}","language":"en-US","platform":"Example Learning 4.2","contextActivities":{"parent":[{"id":"{{{{Platform}}}}/courses/engineering/units/{{{{n % 40}}}}","definition":{"type":"http://adlnet.gov/expapi/activities/lesson"}}],"grouping":[{"id":"{{{{Platform}}}}/courses/engineering","definition":{"type":"http://adlnet.gov/expapi/activities/course"}}]}},"timestamp":"2026-03-{{{{1 + (n % 28):00}}}}T09:{{{{n % 60:00}}}}:{{{{n / 60 % 60:00}}}}.{{{{n % 1000:000}}}}Z"}
            """);
    }

    /// <summary>How many of the first so many are passed.</summary>
    public static long Passed(long statements, int learners)
    {
        var passed = 0L;
        for (var n = 0L; n < statements; n++)
        {
            passed += IsPassed(n, learners) ? 1 : 0;
        }

        return passed;
    }

    /// <summary>What platforms call the agent, as a query asks for it.</summary>
    public static string Agent(int learner) => Uri.EscapeDataString($$$"""{"account":{"homePage":"{{{Platform}}}","name":"{{{Requests.Subject(learner)}}}"}}""");

    // Both kinds are in every batch, and every learner comes to both.
    private static bool IsPassed(long n, int learners) => ((n % learners) + (n / learners)) % PassedOneIn == 0;

    /// <summary>Ids come in no order, as those of platforms do.</summary>
    private static Guid Id(string prefix, long n)
    {
        var seed = ulong.Parse(prefix.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Mixed(seed + ((ulong)n * 2)));
        BitConverter.TryWriteBytes(bytes[8..], Mixed(seed + ((ulong)n * 2) + 1));
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>splitmix64 (Steele, Lea, Flood 2014): neighbours come out far apart, and no two the same.</summary>
    private static ulong Mixed(ulong n)
    {
        n *= 0x9E3779B97F4A7C15;
        n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9;
        n = (n ^ (n >> 27)) * 0x94D049BB133111EB;
        return n ^ (n >> 31);
    }
}
