using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Tables;

namespace LearningLedger.Service.Log;

/// <summary>
/// Signs checkpoints of the tenants' logs, and remembers in a file outside the database what it signed last. It signs only what is proved to
/// continue that: whoever rules the database can rewrite every table, and still gets no second history signed.
/// </summary>
/// <remarks>
/// What it is asked and what it answers is what a C2SP witness is asked and answers: size signed last, checkpoint, consistency proof; a signature
/// or a refusal. So the key may one day live with another process or host, and nothing else here changes. Each log has a key of its own, which follows from the
/// one in the file and the log's name: a policy must not trust one key for two logs (C2SP tlog-policy). A checkpoint says nothing of time, so a cosignature of this
/// service as a witness stands beside the signature: the log was of this size then.
/// </remarks>
public sealed class Signer(LedgerSettings settings, WitnessKey witness, TimeProvider time) : IDisposable
{
    private readonly Lazy<byte[]> seed = new(() => SecretFile.Key(settings.LogKeyFile));
    private readonly ConcurrentDictionary<string, SigningKey> keys = new();
    private readonly ConcurrentDictionary<string, Memory> memories = new();

    /// <summary>What was signed last in a tenant's logs; one thread at a time works on it.</summary>
    private sealed class Memory
    {
        public Checkpoint? Last;
        public string? Note;
        public bool IsRead;
    }

    /// <summary>The public key of a log.</summary>
    /// <param name="origin">The log's origin, which is the key's name.</param>
    public VerifierKey Verifier(string origin) => KeyOf(origin).Verifier;

    /// <summary>The checkpoint that the next one must be proved to continue; null when none was signed in this tenant's name.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="published">The last checkpoint the database holds, or null. It must not know of one that the signer has forgotten.</param>
    /// <exception cref="SignerRefusal">The memory is lost or damaged.</exception>
    public Checkpoint? Last(string tenant, string? published)
    {
        var memory = memories.GetOrAdd(tenant, _ => new Memory());
        lock (memory)
        {
            Read(tenant, memory, published);
            return memory.Last;
        }
    }

    /// <summary>What was signed last, whatever the database holds.</summary>
    /// <exception cref="SignerRefusal">The memory is damaged.</exception>
    public Checkpoint? Last(string tenant) => Last(tenant, published: null);

    /// <summary>Signs.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="next">What to sign.</param>
    /// <param name="proof">That it continues what was signed last; empty when that is the same, has no leaves, or is null.</param>
    /// <returns>
    /// The note, dated; it is remembered on disk before anybody sees it. What was signed last already is dated anew: so whoever watches a log that does not
    /// grow can tell it from an old copy.
    /// </returns>
    /// <exception cref="SignerRefusal">It does not continue what was signed last.</exception>
    public string Sign(string tenant, Checkpoint next, ReadOnlySpan<TreeHash> proof)
    {
        var memory = memories.GetOrAdd(tenant, _ => new Memory());
        lock (memory)
        {
            if (memory.Last is { } last)
            {
                if (last.Text == next.Text)
                {
                    return Dated(memory);
                }

                Refuse(last, next, proof);
            }

            Remember(tenant, memory, next);
            return Dated(memory);
        }
    }

    /// <summary>Takes a checkpoint that others have kept for what was signed last, if it is later than what is remembered: the memory may be lost or older.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="note">The checkpoint.</param>
    /// <exception cref="SignerRefusal">It cannot be read, is of another key, of no log of this tenant or of one that has ended; or the memory is damaged.</exception>
    public void Recall(string tenant, string note)
    {
        var memory = memories.GetOrAdd(tenant, _ => new Memory());
        lock (memory)
        {
            Read(tenant, memory, published: null);
            var seen = Own(note, "the file");
            var reach = LogOrigins.Reach(settings.Log.Origin!, tenant, seen);
            if (reach.Epoch == 0)
            {
                throw new SignerRefusal($"{seen.Origin} is no log of tenant {tenant}.");
            }

            var known = memory.Last is { } last ? LogOrigins.Reach(settings.Log.Origin!, tenant, last) : default;
            if (reach.Epoch < known.Epoch)
            {
                throw new SignerRefusal($"{seen.Origin} has ended, and {memory.Last!.Origin} was begun.");
            }

            if (reach.CompareTo(known) > 0)
            {
                Remember(tenant, memory, seen);
            }
        }
    }

    /// <summary>Begins a new log in a tenant's name: an operator says that what was signed before is given up.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="origin">Origin of the new log.</param>
    /// <returns>The last note of the former log, kept beside the memory; null when the signer knows none. Once begun, it is answered alike.</returns>
    /// <exception cref="SignerRefusal">The memory is damaged.</exception>
    public string? Begin(string tenant, string origin)
    {
        var memory = memories.GetOrAdd(tenant, _ => new Memory());
        lock (memory)
        {
            Read(tenant, memory, published: null);
            var former = FileOf(tenant + ".former");
            if (memory.Last is not { Size: 0 } last || last.Origin != origin)
            {
                if (File.Exists(former))
                {
                    File.Delete(former); // not otherwise: its folder may be missing, too
                }

                if (memory.Note is { } note)
                {
                    SecretFile.Write(former, note);
                }

                Remember(tenant, memory, new Checkpoint(origin, 0, TreeHash.Empty));
            }

            return File.Exists(former) ? File.ReadAllText(former) : null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var key in keys.Values)
        {
            key.Dispose();
        }
    }

    private static void Refuse(Checkpoint last, Checkpoint next, ReadOnlySpan<TreeHash> proof)
    {
        if (last.Origin != next.Origin)
        {
            throw new SignerRefusal($"This signer signs for {last.Origin} here, not for {next.Origin}.");
        }

        if (next.Size < last.Size)
        {
            throw new SignerRefusal(
                $"{next.Size} leaves of {next.Origin} were offered; {last.Size} were signed. If the database was restored from a backup, open a new log with the verb 'epoch'.");
        }

        if (last.Size > 0 && !TreeProof.IsConsistent(last.Size, next.Size, last.Root, next.Root, proof))
        {
            throw new SignerRefusal(
                $"{next.Size} leaves of {next.Origin} were offered that do not continue the {last.Size} signed before. Leaves were changed, or the database was restored from a backup.");
        }
    }

    private void Remember(string tenant, Memory memory, Checkpoint next)
    {
        var note = next.Sign(KeyOf(next.Origin)).ToString();
        SecretFile.Replace(FileOf(tenant), note);
        (memory.Last, memory.Note, memory.IsRead) = (next, note, true);
    }

    /// <summary>The note with a cosignature of now. Asked under the lock of a memory that never goes back, so no later one is of fewer leaves.</summary>
    private string Dated(Memory memory) =>
        SignedNote.Parse(memory.Note!).Of([Verifier(memory.Last!.Origin)]).With(witness.Cosign(memory.Last.Text, time.GetUtcNow())).ToString();

    private void Read(string tenant, Memory memory, string? published)
    {
        if (!memory.IsRead)
        {
            var file = FileOf(tenant);
            memory.Note = File.Exists(file) ? File.ReadAllText(file) : null;
            memory.Last = memory.Note is null ? null : Own(memory.Note, file);
            memory.IsRead = true;
        }

        if (memory.Last is null && published is not null)
        {
            // On a node that joins others this is the first it hears of the log. Alone, it is somebody who has lost their memory.
            if (settings.Nodes == NodesMode.Single)
            {
                throw new SignerRefusal(
                    $"The database holds a signed checkpoint of tenant {tenant}, and the signer's memory of it, {FileOf(tenant)}, is gone. Bring it back, or open a new log with the verb 'epoch'.");
            }

            memory.Last = Own(published, "the database");
            memory.Note = published;
        }
    }

    private Checkpoint Own(string note, string where)
    {
        try
        {
            var signed = SignedNote.Parse(note);
            var checkpoint = Checkpoint.Parse(signed.Text);
            return signed.Verify([Verifier(checkpoint.Origin)]).Count > 0
                ? checkpoint
                : throw new SignerRefusal($"The checkpoint in {where} is signed by another key than the one in {settings.LogKeyFile}.");
        }
        catch (NoteException e)
        {
            throw new SignerRefusal($"The checkpoint in {where} cannot be read: {e.Message}");
        }
    }

    private string FileOf(string name) => Path.Combine(settings.SignedFolder, name + ".checkpoint");

    private SigningKey KeyOf(string origin) => keys.GetOrAdd(origin, o => new SigningKey(
        o, SignatureType.Ed25519, HKDF.DeriveKey(HashAlgorithmName.SHA256, seed.Value, Ed25519.KeyBytes, info: Encoding.UTF8.GetBytes("learningledger log " + o))));
}

/// <summary>The signer does not sign.</summary>
/// <param name="message">Why, and what to do.</param>
public sealed class SignerRefusal(string message) : Exception(message);
