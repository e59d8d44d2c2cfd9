using System.Text.Json;
using LearningLedger.Service.Host;
using LearningLedger.Xapi;

namespace LearningLedger.Service.Xapi;

/// <summary>Reads the statements of a request and says everything that is wrong with them.</summary>
/// <param name="body">The request's JSON and attached bytes.</param>
/// <param name="version">Of the request.</param>
/// <param name="caller">Who posts.</param>
/// <param name="now">The server's time.</param>
/// <param name="signatures">Verifies signed statements.</param>
internal sealed class StatementReader(StatementBody body, XapiVersion version, Caller caller, DateTimeOffset now, Signatures signatures)
{
    private readonly Authority authority = Authority.Of(caller);
    private readonly List<PostedStatement> statements = [];
    private readonly List<Problems.Fault> faults = [];
    private readonly HashSet<Guid> ids = [];
    private readonly HashSet<string> used = [];

    /// <summary>Reads one statement or a list of them.</summary>
    /// <param name="most">How many a request may hold.</param>
    /// <param name="expected">The id the one statement must have, or null.</param>
    public (IReadOnlyList<PostedStatement> Statements, IResult? Problem) Read(int most, Guid? expected = null)
    {
        using var document = XapiJson.Read(body.Json, out var wrong);
        if (document is null)
        {
            return ([], Problems.BadRequest(wrong));
        }

        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Array && expected is null)
        {
            if (root.GetArrayLength() > most)
            {
                return ([], Problems.TooLarge($"One request may hold {most} statements at most; send several."));
            }

            var index = 0;
            foreach (var element in root.EnumerateArray())
            {
                One(element, index++, null);
            }
        }
        else
        {
            One(root, 0, expected);
        }

        if (faults.Count == 0 && body.Attached?.Keys.FirstOrDefault(k => !used.Contains(k)) is { } stray)
        {
            faults.Add(new(null, "attachments", $"No statement has an attachment with the hash {stray} of a part."));
        }

        return faults.Count > 0 ? ([], XapiProblems.Invalid([.. faults.Take(Limits.FaultsListed)])) : (statements, null);
    }

    private void One(JsonElement element, int index, Guid? expected)
    {
        var wrong = StatementRules.Faults(element, version);
        if (wrong.Count > 0)
        {
            faults.AddRange(wrong.Select(f => new Problems.Fault(index, f.Field, f.Message)));
            return;
        }

        var id = element.TryGetProperty("id", out var given) ? given.GetGuid() : expected ?? Guid.CreateVersion7(now);
        if (expected is not null && id != expected)
        {
            faults.Add(new(index, "id", "is not the one in the parameter statementId."));
        }
        else if (!ids.Add(id))
        {
            faults.Add(new(index, "id", "is the id of another statement of this request."));
        }
        else
        {
            var attachments = Attachments(element, index);
            var (signature, fault) = signatures.Check(element, body, version);
            if (fault is not null)
            {
                faults.Add(new(index, "attachments", fault));
            }

            statements.Add(PostedStatement.Of(element, index, version, id, authority, attachments, signature));
        }
    }

    private List<string> Attachments(JsonElement statement, int index)
    {
        var here = new List<string>();
        Collect(statement, "");
        if (statement.GetProperty("object").TryGetProperty("objectType", out var type) && type.ValueEquals("SubStatement"))
        {
            Collect(statement.GetProperty("object"), "object.");
        }

        return here;

        void Collect(JsonElement holder, string path)
        {
            if (!holder.TryGetProperty("attachments", out var list))
            {
                return;
            }

            var place = 0;
            foreach (var attachment in list.EnumerateArray())
            {
                var sha2 = attachment.GetProperty("sha2").GetString()!.ToLowerInvariant();
                if (body.Attached?.ContainsKey(sha2) == true)
                {
                    // That the bytes have this hash was proved; what a client says of their length is its own word.
                    here.Add(sha2);
                    used.Add(sha2);
                }
                else if (!attachment.TryGetProperty("fileUrl", out _))
                {
                    faults.Add(new(index, $"{path}attachments[{place}]", "has neither a fileUrl nor a part of this request with its hash."));
                }

                place++;
            }
        }
    }
}
