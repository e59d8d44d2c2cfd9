using System.Globalization;
using System.Text;

namespace LearningLedger.Benchmarks.Load;

/// <summary>Makes requests as a learning platform would send them; about half a kilobyte an event once stored.</summary>
internal sealed class Requests(LoadSpec spec)
{
    private static readonly string[] Usual = ["systems-thinking", "linux-fundamentals", "git-version-control", "networking-fundamentals", "docker-fundamentals", "rate-limiting"];
    private readonly IReadOnlyList<string> skills = spec.Skills ?? Usual;
    private readonly StringBuilder body = new();

    /// <summary>The whole request with this number.</summary>
    public byte[] Make(long number)
    {
        if (spec.Read is { } paths)
        {
            return Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"GET {paths[(int)(number % paths.Count)]} HTTP/1.1\r\nHost: {spec.Url.Authority}\r\n{(spec.Cookie is null ? $"Authorization: Bearer {spec.Key}" : $"Cookie: {spec.Cookie}")}\r\n{Version}\r\n"));
        }

        body.Clear();
        if (spec.PerRequest == 1)
        {
            One(number);
        }
        else
        {
            for (var i = 0; i < spec.PerRequest; i++)
            {
                body.Append(i == 0 ? '[' : ',');
                One((number * spec.PerRequest) + i);
            }

            body.Append(']');
        }

        var type = spec.Statements ? "application/json" : spec.PerRequest == 1 ? "application/cloudevents+json" : "application/cloudevents-batch+json";
        return Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"POST {(spec.Statements ? "/xapi/statements" : "/v1/events")} HTTP/1.1\r\nHost: {spec.Url.Authority}\r\nAuthorization: Bearer {spec.Key}\r\n{Version}Content-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
    }

    /// <summary>One event as a line, without its end.</summary>
    public StringBuilder Line(long number)
    {
        body.Clear();
        Event(number);
        return body;
    }

    private string Version => spec.Statements ? "X-Experience-API-Version: 2.0.0\r\n" : "";

    private void One(long n)
    {
        if (spec.Statements)
        {
            Statements.Append(body, spec, n);
        }
        else
        {
            Event(n);
        }
    }

    private void Event(long n) => body.Append(
        CultureInfo.InvariantCulture,
        $$$"""{"specversion":"1.0","id":"{{{spec.Prefix}}}-{{{n}}}","source":"https://platform.example/courses/engineering","subject":"{{{Subject((int)(n % spec.Learners))}}}","type":"skill.attempted","time":"2026-03-{{{1 + (n % 28):00}}}T09:{{{n % 60:00}}}:{{{n / 60 % 60:00}}}.{{{n % 1000:000}}}Z","datacontenttype":"application/json","data":{"skill":"{{{skills[(int)(n % skills.Count)]}}}","score":0.{{{1 + (n % 99):00}}},"activity":"https://platform.example/courses/engineering/units/{{{n % 40}}}/exercises/{{{n % 500}}}","duration":"PT{{{n % 59}}}M{{{n % 57}}}S","registration":"{{{n % spec.Learners:x8}}}-5f0e-4c1d-9a63-{{{n % spec.Learners:x12}}}"}}""");

    /// <summary>What the platform calls a learner.</summary>
    public static string Subject(int learner) => string.Create(CultureInfo.InvariantCulture, $"learner-{learner:000000}");
}
