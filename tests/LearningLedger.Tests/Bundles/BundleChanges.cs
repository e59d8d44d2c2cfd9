using System.Text.Json.Nodes;

namespace LearningLedger.Tests.Bundles;

/// <summary>What somebody could change in a bundle.</summary>
internal static class BundleChanges
{
    /// <summary>The bundle with one value changed: every value there is, in several ways.</summary>
    internal static IEnumerable<(string Where, JsonNode Bundle)> Of(JsonNode bundle)
    {
        foreach (var path in Paths(bundle, []))
        {
            foreach (var (how, change) in Ways(At(bundle, path)))
            {
                var copy = bundle.DeepClone();
                Set(copy, path, change());
                yield return ($"/{string.Join('/', path)}: {how}", copy);
            }
        }
    }

    private static IEnumerable<object[]> Paths(JsonNode? node, object[] path) => node switch
    {
        JsonObject members => members.SelectMany(m => Paths(m.Value, [.. path, m.Key])).Prepend(path),
        JsonArray items => items.Index().SelectMany(i => Paths(i.Item, [.. path, i.Index])).Prepend(path),
        _ => [path],
    };

    private static IEnumerable<(string, Func<JsonNode?>)> Ways(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject members:
                yield return ("a member more", () => new JsonObject([.. members.DeepClone().AsObject().Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())), new("zz", 1)]));
                yield return ("a member less", () => new JsonObject(members.Skip(1).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))));
                break;
            case JsonArray items:
                yield return ("an item more", () => new JsonArray([.. items.Select(i => i?.DeepClone()), items.Count > 0 ? items[^1]?.DeepClone() : 1]));
                if (items.Count > 0)
                {
                    yield return ("an item less", () => new JsonArray([.. items.Skip(1).Select(i => i?.DeepClone())]));
                }

                break;
            case null:
                yield return ("no null", () => 1);
                break;
            case JsonValue text when text.TryGetValue<string>(out var s):
                foreach (var i in s.Length == 0 ? [] : new[] { 0, s.Length / 2, s.Length - 1 }.Distinct())
                {
                    yield return ($"character {i}", () => s[..i] + (s[i] == 'b' ? 'c' : 'b') + s[(i + 1)..]);
                }

                yield return ("longer", () => s + "b");
                break;
            case JsonValue number when number.TryGetValue<long>(out var n):
                yield return ("one more", () => n + 1);
                yield return ("one less", () => n - 1);
                break;
            case JsonValue number when number.TryGetValue<double>(out var d):
                yield return ("a little more", () => d + 0.0625);
                break;
            case JsonValue flag when flag.TryGetValue<bool>(out var b):
                yield return ("the other", () => !b);
                break;
        }

        if (value is not null)
        {
            yield return ("null", () => null);
        }
    }

    private static JsonNode? At(JsonNode node, object[] path) => path.Aggregate((JsonNode?)node, (n, step) => step is int i ? n![i] : n![(string)step]);

    private static void Set(JsonNode bundle, object[] path, JsonNode? value)
    {
        if (path is [])
        {
            bundle.AsObject().Clear();
            foreach (var (name, member) in value?.AsObject() ?? [])
            {
                bundle[name] = member?.DeepClone();
            }
        }
        else if (path[^1] is int index)
        {
            At(bundle, path[..^1])!.AsArray()[index] = value;
        }
        else
        {
            At(bundle, path[..^1])!.AsObject()[(string)path[^1]] = value;
        }
    }
}
