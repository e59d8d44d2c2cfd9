using System.Text;

namespace LearningLedger.Integrity;

/// <summary>Whom somebody who checks proofs trusts: C2SP tlog-policy. It comes from the one who checks; no key within a proof counts.</summary>
/// <remarks>
/// Receipts have keys of their own, which the format has no line for. They are named in a comment, <c>#receipts &lt;vkey&gt;</c>, so that
/// the file stays a policy for every other program. So are time-stamping authorities, <c>#tsa &lt;name&gt; &lt;SHA-256 of a certificate, in hex&gt;</c>.
/// </remarks>
public sealed class TrustPolicy
{
    private const string None = "none";
    private const string ReceiptsDirective = "#receipts";
    private const string AuthorityDirective = "#tsa";

    private readonly List<VerifierKey> logs = [];
    private readonly List<VerifierKey> receipts = [];
    private readonly List<TimeAuthority> authorities = [];
    private readonly List<PolicyWitness> witnesses = [];
    private readonly Dictionary<string, (int Least, string[] Members)> groups = new(StringComparer.Ordinal);
    private readonly HashSet<string> members = new(StringComparer.Ordinal);
    private string? quorum;

    private TrustPolicy()
    {
    }

    /// <summary>The logs; the name of each key is the origin of its checkpoints.</summary>
    public IReadOnlyList<VerifierKey> Logs => logs;

    /// <summary>Keys of receipts, see <see cref="Receipt.KeyName"/>.</summary>
    public IReadOnlyList<VerifierKey> Receipts => receipts;

    /// <summary>Time-stamping authorities.</summary>
    public IReadOnlyList<TimeAuthority> Authorities => authorities;

    /// <summary>The witnesses.</summary>
    public IReadOnlyList<PolicyWitness> Witnesses => witnesses;

    /// <summary>Whether no witness is asked for.</summary>
    public bool NeedsNoWitness => quorum == None;

    /// <summary>Reads a policy file.</summary>
    /// <exception cref="NoteException">Not a policy; the message names the line.</exception>
    public static TrustPolicy Parse(ReadOnlySpan<byte> file)
    {
        var policy = new TrustPolicy();
        var number = 0;
        foreach (var line in Encoding.Latin1.GetString(file).Split('\n')) // bytes beyond ASCII are opaque
        {
            number++;
            try
            {
                policy.Take(line);
            }
            catch (NoteException e)
            {
                throw new NoteException(NoteFault.Malformed, $"Line {number} of the policy: {e.Message}");
            }
        }

        return policy.quorum is null ? throw Wrong("The policy has no quorum line.")
            : policy.receipts.Find(r => policy.logs.Exists(log => log.PublicKey.Span.SequenceEqual(r.PublicKey.Span))) is { } both
                ? throw Wrong($"{both.Name} must not be signed for by a log's key.")
            : policy;
    }

    /// <summary>What a signed checkpoint is worth under this policy.</summary>
    /// <exception cref="NoteException">Not a checkpoint of one of the logs, or a signature of a key known here is false.</exception>
    public TrustedCheckpoint Judge(SignedNote note)
    {
        var head = Checkpoint.Parse(note.Text);
        var own = logs.Where(key => key.Name == head.Origin).ToList();
        if (own.Count == 0)
        {
            throw new NoteException(NoteFault.Invalid, $"The policy knows no log {head.Origin}.");
        }

        if (note.Verify(own).Count == 0)
        {
            throw new NoteException(NoteFault.Invalid, $"The checkpoint is not signed by the key the policy has for {head.Origin}.");
        }

        var cosigned = note.Verify(witnesses.Select(w => w.Key));
        return new TrustedCheckpoint(head, cosigned, HasQuorum(cosigned));
    }

    /// <summary>Whether cosignatures that were checked are enough.</summary>
    public bool HasQuorum(IEnumerable<KnownSignature> cosigned) =>
        NeedsNoWitness || Witnessed(quorum!, witnesses.Where(w => cosigned.Any(s => s.Key == w.Key)).Select(w => w.Name).ToHashSet());

    private bool Witnessed(string name, HashSet<string> cosigned) =>
        groups.TryGetValue(name, out var group) ? group.Members.Count(m => Witnessed(m, cosigned)) >= group.Least : cosigned.Contains(name);

    private void Take(string line)
    {
        if (line.Any(c => c is < ' ' and not '\t' or (char)0x7f))
        {
            throw Wrong("it holds a control character.");
        }

        var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        switch (words)
        {
            case [ReceiptsDirective, ..]:
                receipts.Add(words.Length == 2 ? Key(words[1], SignatureType.Ed25519, []) : throw Wrong("#receipts takes one key."));
                break;
            case [AuthorityDirective, ..]:
                authorities.Add(words.Length == 3 && words[2].Length == 2 * TreeHash.Size && words[2].All(char.IsAsciiHexDigit)
                    ? new(words[1], new TreeHash(Convert.FromHexString(words[2])))
                    : throw Wrong("#tsa takes a name and the SHA-256 of a certificate in hex."));
                break;
            case [] or [['#', ..], ..]:
                break;
            case ["log", var key, .. { Length: <= 1 }]: // a URL may follow
                logs.Add(Key(key, SignatureType.Ed25519, logs));
                break;
            case ["witness", var name, var key, .. { Length: <= 1 } url]:
                witnesses.Add(new(New(name), Key(key, SignatureType.Cosignature, witnesses.Select(w => w.Key)), url is [var address] ? address : null));
                break;
            case ["group", var name, var least, .. { Length: > 0 } listed]:
                Group(name, least, listed);
                break;
            case ["quorum", var name]:
                quorum = quorum is not null ? throw Wrong("there is a quorum already.") : name == None || Defined(name) ? name : throw Wrong($"{name} is not defined above.");
                break;
            default:
                throw Wrong($"\"{words[0]}\" and what follows is not a line of a policy.");
        }
    }

    private void Group(string name, string least, string[] listed)
    {
        foreach (var member in listed)
        {
            if (!Defined(member))
            {
                throw Wrong($"{member} is not defined above.");
            }

            if (!members.Add(member))
            {
                throw Wrong($"{member} is in a group already.");
            }
        }

        var count = least switch { "all" => listed.Length, "any" => 1, _ => NoteText.TryNumber(least, out var n) && n >= 1 && n <= listed.Length ? (int)n : 0 };
        groups.Add(New(name), count > 0 ? (count, listed) : throw Wrong($"\"{least}\" is not all, any, or a number from 1 to {listed.Length}."));
    }

    private bool Defined(string name) => groups.ContainsKey(name) || witnesses.Any(w => w.Name == name);

    private string New(string name) => name == None || Defined(name) ? throw Wrong($"{name} is taken.") : name;

    private static VerifierKey Key(string text, SignatureType type, IEnumerable<VerifierKey> others)
    {
        var key = VerifierKey.Parse(NoteText.Text(Encoding.Latin1.GetBytes(text)));
        return key.Type != type ? throw Wrong($"the key of {key.Name} is of type 0x{(byte)key.Type:x2}, not 0x{(byte)type:x2}.")
            : others.Any(other => other.PublicKey.Span.SequenceEqual(key.PublicKey.Span)) ? throw Wrong($"the key of {key.Name} is listed twice.")
            : key;
    }

    private static NoteException Wrong(string message) => new(NoteFault.Malformed, message);
}

/// <summary>A witness of a policy.</summary>
/// <param name="Name">Its name within the policy.</param>
/// <param name="Key">Its key.</param>
/// <param name="Url">Where it answers (tlog-witness's submission prefix, and its monitoring prefix too), as it is written; or null.</param>
public sealed record PolicyWitness(string Name, VerifierKey Key, string? Url);

/// <summary>A checkpoint that one of a policy's logs signed.</summary>
/// <param name="Head">The checkpoint.</param>
/// <param name="Cosignatures">Of witnesses in the policy.</param>
/// <param name="HasQuorum">Whether they are enough; always where the policy asks for none.</param>
public sealed record TrustedCheckpoint(Checkpoint Head, IReadOnlyList<KnownSignature> Cosignatures, bool HasQuorum)
{
    /// <summary>When the last of its witnesses had seen it; null without witnesses.</summary>
    public DateTimeOffset? Witnessed =>
        Cosignatures.Max(s => s.Time) is { } seconds && seconds < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
