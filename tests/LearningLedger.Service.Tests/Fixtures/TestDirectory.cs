using LearningLedger.Service.Host.PrivatePostgres;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>
/// A folder in the temporary one, locked while it is used, with a data directory in it. What a killed run leaves there is swept by
/// the next: its lock is free then.
/// </summary>
internal sealed class TestDirectory : IDisposable
{
    private const string Prefix = "learningledger-tests-";

    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly DataDirectoryLock _lock;

    internal TestDirectory(string data = "data")
    {
        Root = Directory.CreateTempSubdirectory(Prefix).FullName;
        _lock = DataDirectoryLock.Acquire(Root);
        // Made for its owner alone, but a server run by another user must pass through.
        PrivateFiles.MakeOpenFolder(Root);
        Data = Path.Combine(Root, data);
        Directory.CreateDirectory(Data);
    }

    internal string Root { get; }

    internal string Data { get; }

    /// <summary>Ends a server that still runs here and deletes everything.</summary>
    public void Dispose() => Remove(Root, _lock);

    /// <summary>Removes what killed runs left.</summary>
    internal static void SweepLeft()
    {
        foreach (var left in Directory.GetDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            // A parallel run may just be making it, and not hold its lock yet.
            if (Directory.GetLastWriteTimeUtc(left) > DateTime.UtcNow - Fresh) continue;
            try
            {
                Remove(left, DataDirectoryLock.Acquire(left));
            }
            catch (Exception inUse) when (inUse is DataDirectoryInUseException or UnauthorizedAccessException or IOException)
            {
                // Another run's, or another user's.
            }
        }
    }

    private static void Remove(string root, DataDirectoryLock held)
    {
        // A home outside is noted in the data directory, wherever below the root that lies.
        string[] homes = [root, .. Directory.GetFiles(root, "location", SearchOption.AllDirectories).Select(File.ReadAllText)];
        foreach (var home in homes.Where(Directory.Exists))
        {
            foreach (var file in Directory.GetFiles(home, "postmaster.pid", SearchOption.AllDirectories)) Processes.EndServer(Path.GetDirectoryName(file)!);
            if (home != root) Directory.Delete(home, recursive: true);
        }

        held.Dispose();
        Directory.Delete(root, recursive: true);
    }
}
