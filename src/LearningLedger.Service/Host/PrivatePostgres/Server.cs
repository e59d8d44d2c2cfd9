using System.Globalization;

namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>The cluster's server process: started, adopted or stopped.</summary>
internal sealed class Server(ClusterPlace place, PostgresBinaries binaries, Action<string> say)
{
    /// <summary>Recovery after a crash replays up to max_wal_size and more; a slow disk takes minutes.</summary>
    private static readonly TimeSpan StartWithin = TimeSpan.FromMinutes(5);

    /// <summary>A killed postmaster's children end within moments, unless the disk holds one up.</summary>
    private static readonly TimeSpan ChildrenEndWithin = TimeSpan.FromMinutes(1);

    /// <summary>Service and cluster end within 10 s; this is the cluster's share before it is cut off, which loses nothing.</summary>
    private const int FastStopSeconds = 6;

    private const int CutOffSeconds = 2;
    private const int StartAttempts = 5;
    private const long LogBytes = 16 << 20;

    /// <summary>The server that runs on this folder already; null when there is none.</summary>
    internal async Task<Postmaster?> AdoptAsync(string password, CancellationToken ct)
    {
        var adopted = await RunningAsync(password, ct);
        if (adopted is null) return null;
        say($"Taking over the PostgreSQL {binaries.Major} that already runs in {place.Home} (process {adopted.Pid}, port {adopted.Port}).");
        return adopted;
    }

    /// <summary>Starts the server; a port that another program takes in the meantime is replaced.</summary>
    /// <param name="settings">Beyond our own.</param>
    /// <param name="password">The superuser's.</param>
    /// <param name="port">The only one that will do; null: any.</param>
    /// <param name="ct">Gives up.</param>
    internal async Task<Postmaster> StartAsync(IReadOnlyDictionary<string, string> settings, string password, int? port, CancellationToken ct)
    {
        // One that is deep in a computation would not notice; its postmaster would have sent it the same signal.
        foreach (var orphan in Postmaster.ProcessesIn(place.Data)) Signals.Send(orphan, Signals.Quit);
        if (!await Until.HoldsAsync(() => Postmaster.ProcessesIn(place.Data).Count == 0, ChildrenEndWithin, ct))
            throw new PrivateClusterException(
                $"Processes of a server that was killed still work on {place.Data}: {string.Join(", ", Postmaster.ProcessesIn(place.Data))}. End them, then start again.");
        if (new FileInfo(place.Log) is { Exists: true, Length: > LogBytes }) File.Move(place.Log, place.Log + ".1", overwrite: true);
        for (var attempt = 1; ; attempt++)
        {
            ServerConf.Write(place, port ?? LoopbackPort.Choose(place, say), settings);
            var logged = File.Exists(place.Log) ? new FileInfo(place.Log).Length : 0;
            var seconds = StartWithin.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            var outcome = await PgCtl("start", "-w", "-t", seconds, "-l", Path.GetFileName(place.Log)).RunAsync(ct);
            if (outcome.Succeeded && await RunningAsync(password, ct) is { } started) return started;
            var log = ReadFrom(place.Log, logged);
            if (attempt < StartAttempts && log.Contains("could not bind", StringComparison.Ordinal)) continue;
            throw new PrivateClusterException($"The PostgreSQL {binaries.Major} in {place.Home} did not start. {outcome.Output}\nIts log ({place.Log}) says:\n{log}");
        }
    }

    /// <summary>Ends the server: sessions are cut, everything committed is on disk. Nothing to do when it is gone already.</summary>
    internal async Task StopAsync(CancellationToken ct)
    {
        if (!IsRunning()) return;
        var fast = await PgCtl("stop", "-m", "fast", "-w", "-t", FastStopSeconds.ToString(CultureInfo.InvariantCulture)).RunAsync(ct);
        if (fast.Succeeded || !IsRunning()) return;
        say("PostgreSQL takes long to stop and is cut off; its next start will recover, which loses nothing.");
        var cutOff = await PgCtl("stop", "-m", "immediate", "-w", "-t", CutOffSeconds.ToString(CultureInfo.InvariantCulture)).RunAsync(ct);
        if (!cutOff.Succeeded && IsRunning())
            throw new PrivateClusterException($"The PostgreSQL in {place.Home} does not stop: {cutOff.Output}. The next start takes it over.");
    }

    /// <summary>Waits until a server that runs on the folder lets us in; null when none runs.</summary>
    private async Task<Postmaster?> RunningAsync(string password, CancellationToken ct)
    {
        Postmaster? running = null;
        for (var until = DateTime.UtcNow + StartWithin; DateTime.UtcNow < until; await Task.Delay(50, ct))
        {
            running = Postmaster.Read(place.Data);
            switch (running?.Judge(place.Data))
            {
                case null or PostmasterState.Gone:
                    return null;
                case PostmasterState.Stale:
                    File.Delete(Postmaster.FileOf(place.Data));
                    return null;
                case PostmasterState.Elsewhere:
                    throw new PrivateClusterException(
                        $"{place.Data} was copied from {running.Directory} while the server there (process {running.Pid}) was running; such a copy is not whole. "
                        + "Use the original, or copy it again when its service has stopped.");
                case PostmasterState.Ours when running.Port != 0 && await Connections.AnswersAsync(running, place, password, ct):
                    return running;
            }
        }

        throw new PrivateClusterException(
            $"The PostgreSQL in {place.Home} (process {running?.Pid}) runs, but has not answered for {StartWithin.TotalMinutes} minutes. See {place.Log}.");
    }

    /// <summary>Whether our server process is there.</summary>
    internal bool IsRunning() => Postmaster.Read(place.Data)?.Judge(place.Data) == PostmasterState.Ours;

    /// <summary>
    /// pg_ctl passes its own -D and log path through a shell, where a path with a quote or a dollar sign would break; as a variable
    /// and a relative name they never meet it. pg_ctl puts the server into a session of its own, where Ctrl-C does not reach it.
    /// </summary>
    private Command PgCtl(string verb, params string[] options) => new(binaries.Program("pg_ctl"), [verb, .. options])
    {
        User = place.User,
        WorkingDirectory = place.Data,
        Variables = new Dictionary<string, string> { ["PGDATA"] = place.Data },
    };

    private static string ReadFrom(string log, long position)
    {
        if (!File.Exists(log)) return "(nothing)";
        using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = Math.Min(position, file.Length);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().Trim();
    }
}
