using System.Text.Json;
using System.Text.Json.Nodes;

namespace LearningLedger.Tests.Xapi;

/// <summary>Statements as JSON, to be changed in one place.</summary>
internal static class Statements
{
    internal const string Id = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee";

    internal const string Least =
        """
        {"actor":{"mbox":"mailto:ada@example.com"},"verb":{"id":"https://example.com/verbs/did"},"object":{"id":"https://example.com/a/1"}}
        """;

    internal const string Full =
        """
        {"id":"6690e6c9-3ef0-4ed3-8b37-7f3964730bee",
         "actor":{"objectType":"Group","name":"Team","account":{"homePage":"https://lms.example","name":"t1"},
           "member":[{"mbox":"mailto:ada@example.com"},{"name":"B","openid":"https://id.example/b"}]},
         "verb":{"id":"http://adlnet.gov/expapi/verbs/passed","display":{"en-GB":"passed","de":"bestanden"}},
         "object":{"objectType":"Activity","id":"https://example.com/a/1","definition":{"name":{"en":"One"},"description":{"en":"The first"},
           "type":"http://adlnet.gov/expapi/activities/cmi.interaction","moreInfo":"https://example.com/a/1/more","interactionType":"choice",
           "correctResponsesPattern":["a[,]b"],"choices":[{"id":"a","description":{"en":"A"}},{"id":"b"}],"extensions":{"https://example.com/x":null}}},
         "result":{"score":{"scaled":0.5,"raw":5,"min":0,"max":10},"success":true,"completion":false,"response":"a[,]b","duration":"PT1H0.25S",
           "extensions":{"https://example.com/x":{"y":[1,2]}}},
         "context":{"registration":"ec531277-b57b-4c15-8d91-d292c5b2b8f7","instructor":{"mbox_sha1sum":"ebd31e95054c018b10727ccffd2ef2ec3a016ee9"},
           "team":{"objectType":"Group","mbox":"mailto:team@example.com"},"platform":"Example","revision":"1","language":"en-US",
           "statement":{"objectType":"StatementRef","id":"6690e6c9-3ef0-4ed3-8b37-7f3964730bef"},
           "contextActivities":{"parent":{"id":"https://example.com/course"},"category":[{"id":"https://example.com/profile"}]},
           "extensions":{"https://example.com/z":1}},
         "timestamp":"2026-03-01T09:30:00.5+01:00","stored":"2026-03-01T09:30:01Z","version":"1.0.3",
         "authority":{"objectType":"Agent","mbox":"mailto:lms@example.com"},
         "attachments":[{"usageType":"https://example.com/usage","display":{"en":"Essay"},"contentType":"text/plain; charset=utf-8","length":27,
           "sha2":"495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a"}]}
        """;

    internal const string SubStatement =
        """
        {"actor":{"mbox":"mailto:ada@example.com"},"verb":{"id":"https://example.com/verbs/planned"},
         "object":{"objectType":"SubStatement","actor":{"mbox":"mailto:bob@example.com"},"verb":{"id":"https://example.com/verbs/visit"},
           "object":{"objectType":"Agent","mbox":"mailto:eve@example.com"},"context":{"contextActivities":{"other":[{"id":"https://example.com/o"}]}}}}
        """;

    internal static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement.Clone();

    /// <summary>The statement with the value at a path (<c>a.b.0.c</c>) replaced, or removed when <paramref name="value"/> is null.</summary>
    internal static string With(string json, string path, string? value)
    {
        var root = JsonNode.Parse(json)!;
        var at = root;
        var steps = path.Split('/');
        foreach (var step in steps[..^1])
        {
            at = at is JsonArray list ? list[int.Parse(step)]! : at![step]!;
        }

        if (at is JsonArray array)
        {
            array[int.Parse(steps[^1])] = JsonNode.Parse(value!);
        }
        else if (value is null)
        {
            at.AsObject().Remove(steps[^1]);
        }
        else
        {
            at![steps[^1]] = JsonNode.Parse(value);
        }

        return root.ToJsonString();
    }
}
