using System.Net;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Faults;

/// <summary>Frameworks in which posting alone makes awards due.</summary>
internal static class Frameworks
{
    /// <summary>Two automatic levels that follow one from the other, on one skill (alpha), without evidence.</summary>
    internal const string Due =
        """
        {"code":"due","title":"Due","milestones":[
          {"code":"first","level":0,"title":"First","summary":"First.","skills":["alpha"],
           "rule":{"passingScore":0.7,"attempts":"best","evidence":{"minimum":0,"distinctAssessors":0},"requires":[],"decision":"automatic"}},
          {"code":"second","level":1,"title":"Second","summary":"Second.","skills":["alpha"],
           "rule":{"passingScore":0.7,"attempts":"best","evidence":{"minimum":0,"distinctAssessors":0},"requires":["first"],"decision":"automatic"}}],
         "skills":[{"code":"alpha","title":"Alpha"}]}
        """;

    /// <summary>Publishes <see cref="Due"/>.</summary>
    internal static async Task PublishDueAsync(HttpClient client)
    {
        using var published = await client.PostAsync("/v1/frameworks", LedgerFixture.Json(Due));
        await published.ShouldBeAsync(HttpStatusCode.Created);
    }
}
