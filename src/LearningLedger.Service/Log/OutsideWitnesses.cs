using System.Collections.Concurrent;
using System.Net;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>Asks other people's witnesses to cosign our checkpoints (C2SP tlog-witness). One that does not answer is left alone for a while.</summary>
public sealed class OutsideWitnesses(NpgsqlDataSource database, LedgerSettings settings, TimeProvider time) : IDisposable
{
    private const int LargestAnswer = 64 * 1024;

    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Limits.WitnessAnswers,
        MaxResponseContentBufferSize = LargestAnswer,
    };

    private readonly ConcurrentDictionary<(string Witness, string Origin), Standing> standings = new();
    private TrustPolicy? policy;

    /// <summary>How one witness stands with one log; one thread at a time works on it.</summary>
    private sealed class Standing
    {
        public long Cosigned; // its own word; after a start it is asked anew
        public DateTimeOffset RestsUntil;
        public string? Fault;
    }

    /// <summary>Whether there are any.</summary>
    public bool Any => policy is { Witnesses.Count: > 0 };

    /// <summary>Reads who they are.</summary>
    /// <exception cref="LedgerStartException">They cannot be asked.</exception>
    public void Open()
    {
        if (settings.Log.Witnesses is not { } file)
        {
            return;
        }

        policy = TrustFile.Read(file, "Ledger__Log__Witnesses");
        if (policy.Witnesses.FirstOrDefault(w => !Uri.TryCreate(w.Url, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)) is { } homeless)
        {
            throw new LedgerStartException($"The witness {homeless.Name} in Ledger__Log__Witnesses ({file}) has no address to ask: add one that begins with https:// at the end of its line.");
        }
    }

    /// <summary>Asks all, side by side.</summary>
    /// <param name="log">The log.</param>
    /// <param name="note">Its signed checkpoint.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The note with the cosignatures that came, and what is missing for the quorum, or null.</returns>
    public async Task<(SignedNote Note, string? Missing)> CosignAsync(TenantLog log, SignedNote note, CancellationToken cancellation)
    {
        var head = Checkpoint.Parse(note.Text);
        var answers = await Task.WhenAll(policy!.Witnesses.Select(witness => AskAsync(witness, log, head, note, cancellation)));
        var cosigned = note.With(answers.SelectMany(answer => answer.Lines));
        return (cosigned, policy.HasQuorum(cosigned.Verify(policy.Witnesses.Select(w => w.Key))) ? null : string.Join(' ', answers.Select(answer => answer.Fault).OfType<string>()));
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private async Task<(IReadOnlyList<NoteSignature> Lines, string? Fault)> AskAsync(
        PolicyWitness witness, TenantLog log, Checkpoint head, SignedNote note, CancellationToken cancellation)
    {
        var standing = standings.GetOrAdd((witness.Name, head.Origin), _ => new Standing());
        if (time.GetUtcNow() < standing.RestsUntil)
        {
            return ([], standing.Fault);
        }

        try
        {
            var (lines, fault) = await AskAsync(witness, standing, log, head, note, cancellation);
            standing.Fault = fault;
            if (fault is null)
            {
                return (lines, null);
            }
        }
        catch (Exception e) when (e is HttpRequestException or NoteException or InvalidDataException or NpgsqlException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            standing.Fault = e is TaskCanceledException ? "it does not answer in time" : e.Message;
        }

        standing.Fault = $"Witness {witness.Name}: {standing.Fault}.";
        standing.RestsUntil = time.GetUtcNow() + Limits.WitnessRests;
        return ([], standing.Fault);
    }

    private async Task<(IReadOnlyList<NoteSignature> Lines, string? Fault)> AskAsync(
        PolicyWitness witness, Standing standing, TenantLog log, Checkpoint head, SignedNote note, CancellationToken cancellation)
    {
        for (var isSecond = false; ; isSecond = true)
        {
            var request = new WitnessRequest(standing.Cosigned, await ProveAsync(log.Log, standing.Cosigned, head.Size, cancellation), note);
            using var content = new StringContent(request.ToString());
            using var answer = await client.PostAsync($"{witness.Url!.TrimEnd('/')}/add-checkpoint", content, cancellation);
            var text = await answer.Content.ReadAsStringAsync(cancellation);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                // Lines of keys that the policy does not know mean nothing here.
                SignedNote own = (note with { Signatures = SignedNote.ParseSignatures(text) }).Of([witness.Key]);
                if (own.Verify([witness.Key]).Count == 0)
                {
                    return ([], "its answer does not carry its cosignature");
                }

                standing.Cosigned = head.Size;
                return (own.Signatures, null);
            }

            if (answer.StatusCode != HttpStatusCode.Conflict || !long.TryParse(text.AsSpan().TrimEnd('\n'), out var cosigned) || cosigned < 0)
            {
                return ([], $"it answers {(int)answer.StatusCode}, {text.Trim()}");
            }

            if (cosigned > head.Size)
            {
                return ([], $"it has cosigned {cosigned} leaves, and the log has {head.Size}: it was cut short, or somebody else signs for it");
            }

            standing.Cosigned = cosigned;
            if (isSecond)
            {
                return ([], $"it says again and again that it cosigned another size, now {cosigned}");
            }
        }
    }

    private async Task<TreeHash[]> ProveAsync(int log, long from, long to, CancellationToken cancellation)
    {
        if (from == 0 || from >= to)
        {
            return [];
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await StoredTiles.ProveAsync(connection, log, ProofPlan.Consistency(from, to), cancellation);
    }
}
