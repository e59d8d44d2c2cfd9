using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace LearningLedger.Xapi;

/// <summary>The properties an object may have, each with its place.</summary>
internal sealed class MemberNames(params string[] names)
{
    private readonly byte[][] utf8 = [.. names.Select(Encoding.UTF8.GetBytes)];

    /// <summary>How many.</summary>
    public int Count => names.Length;

    /// <summary>The place of a name, or -1.</summary>
    public int Of(string name) => Array.IndexOf(names, name);

    /// <summary>The place of a member's name, or -1. Made into a text only where it is escaped.</summary>
    public int Of(JsonProperty member)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(member);
        for (var i = 0; i < utf8.Length; i++)
        {
            if (raw.SequenceEqual(utf8[i]))
            {
                return i;
            }
        }

        return raw.Contains((byte)'\\') ? Of(member.Name) : -1;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", names);
}
