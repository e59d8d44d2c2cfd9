using LearningLedger.Service.Host.PrivatePostgres;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>
/// A data directory in the temporary folder, locked while it is used. What a killed run leaves there is swept by the next: its
/// lock is free then.
/// </summary>
internal sealed class TestDirectory : IDisposable
{
    private const string Prefix = "learningledger-tests-";

    private readonly DataDirectoryLock _lock;

    /// <summary>A new directory.</summary>
    /// <param name="below">A folder in it that is to be the data directory; null for itself.</param>
    internal TestDirectory(string? below = null)
    {
        Root = Directory.CreateTempSubdirectory(Prefix).FullName;
        _lock = DataDirectoryLock.Acquire(Root);
        // Made for its owner alone, but a server run by another user must pass through.
        PrivateFiles.MakeOpenFolder(Root);
        Data = below is null ? Root : Path.Combine(Root, below);
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
