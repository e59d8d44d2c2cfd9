using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Xapi;

namespace LearningLedger.Service.Xapi;

/// <summary>One valid statement of a request, with all that the store will ask of it.</summary>
/// <param name="Index">Position in the request, from 0.</param>
/// <param name="Id">Its id.</param>
/// <param name="Kept">What is kept, see <see cref="StatementText.Kept"/>.</param>
/// <param name="Comparison">The form in which it is compared.</param>
/// <param name="Timestamp">The time it gives, or null.</param>
/// <param name="Actor">Identifier of the actor; null: an anonymous group.</param>
/// <param name="ActorIsGroup">Whether the actor is a group, which is no learner.</param>
/// <param name="Verb">IRI.</param>
/// <param name="Activity">IRI of the activity that is its object, or null.</param>
/// <param name="Registration">Or null.</param>
/// <param name="Target">The statement that is its object, or null.</param>
/// <param name="Mentions">What it is found by.</param>
/// <param name="Definitions">What it says of activities: id and JSON.</param>
/// <param name="Attachments">SHA-2 of attached bytes that came with the request.</param>
/// <param name="Signature">What became of its signature, or null.</param>
/// <param name="SentHash">SHA-256 of its JSON as sent.</param>
public sealed record PostedStatement(
    int Index, Guid Id, byte[] Kept, byte[] Comparison, DateTimeOffset? Timestamp, AgentIdentifier? Actor, bool ActorIsGroup, string Verb, string? Activity,
    Guid? Registration, Guid? Target, IReadOnlySet<Mention> Mentions, IReadOnlyList<(string Id, string Json)> Definitions, IReadOnlyList<string> Attachments,
    string? Signature, byte[] SentHash)
{
    /// <summary>Whether it voids its target.</summary>
    public bool Voiding => Verb == StatementRules.Voided && Target is not null;

    /// <summary>Reads a valid statement.</summary>
    public static PostedStatement Of(
        JsonElement statement, int index, XapiVersion version, Guid id, Authority authority, IReadOnlyList<string> attachments, string? signature)
    {
        var actor = statement.GetProperty("actor");
        var target = statement.GetProperty("object");
        var kind = target.TryGetProperty("objectType", out var type) ? type.GetString() : "Activity";
        return new(
            index, id, StatementText.Kept(statement, version, id, authority.Json), StatementComparison.Of(statement), StatementText.Timestamp(statement),
            AgentIdentifier.Of(actor), actor.TryGetProperty("objectType", out var actorType) && actorType.ValueEquals("Group"),
            statement.GetProperty("verb").GetProperty("id").GetString()!,
            kind == "Activity" ? target.GetProperty("id").GetString() : null,
            statement.TryGetProperty("context", out var context) && context.TryGetProperty("registration", out var registration) ? registration.GetGuid() : null,
            kind == "StatementRef" ? target.GetProperty("id").GetGuid() : null,
            StatementMentions.Of(statement, authority.Identifier), ActivityDefinitions.Of(statement), attachments, signature,
            Sha256.Of(JsonMarshal.GetRawUtf8Value(statement)));
    }
}

/// <summary>Who vouches for the statements a key posts.</summary>
/// <param name="Identifier">The account of the key.</param>
/// <param name="Json">The agent.</param>
public sealed record Authority(AgentIdentifier Identifier, byte[] Json)
{
    /// <summary>The authority of a caller.</summary>
    public static Authority Of(Caller caller)
    {
        var homePage = Source(caller);
        return new(
            new AgentIdentifier(AgentIdentifier.Account, homePage, caller.KeyId),
            Encoding.UTF8.GetBytes($$$"""{"objectType":"Agent","account":{"homePage":"{{{homePage}}}","name":"{{{caller.KeyId}}}"}}"""));
    }

    /// <summary>The URI under which a tenant's keys are accounts.</summary>
    public static string Source(Caller caller) => $"urn:learningledger:tenant:{caller.Tenant}";
}
