using System.Diagnostics;
using System.Globalization;

namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>Another process holds the data directory.</summary>
/// <param name="directory">The full path of the directory.</param>
/// <param name="owner">The owner's process id; null when it could not be read.</param>
public sealed class DataDirectoryInUseException(string directory, int? owner) : Exception(
    $"The data directory {directory} is in use by {(owner is { } pid ? $"process {pid}" : "another process")}. "
    + "Stop that one first, or give this one a directory of its own (Ledger__DataDirectory).")
{
    /// <summary>The full path of the directory.</summary>
    public string Directory { get; } = directory;

    /// <summary>The owner's process id; null when it could not be read.</summary>
    public int? Owner { get; } = owner;
}

/// <summary>
/// The data directory's lock: one service per data directory. The operating system holds it, so it ends with its owner however
/// that ends. The owner's process id stands in a file of its own, because the locked one cannot be opened by a second process.
/// </summary>
public sealed class DataDirectoryLock : IDisposable
{
    /// <summary>The time a new owner may take between its lock and its process id, and the system to release a killed owner's lock.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly FileStream _held;
    private readonly string _pidFile;

    private DataDirectoryLock(FileStream held, string pidFile) => (_held, _pidFile) = (held, pidFile);

    /// <summary>Takes the lock; makes the directory if absent.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process, or another part of this one, holds it.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory cannot be made or written.</exception>
    public static DataDirectoryLock Acquire(string dataDirectory)
    {
        var directory = Path.GetFullPath(dataDirectory);
        var pidFile = Path.Combine(directory, "service.pid");
        Directory.CreateDirectory(directory);
        var since = Stopwatch.StartNew();
        while (true)
        {
            if (TryOpen(Path.Combine(directory, "service.lock")) is { } held)
            {
                PrivateFiles.Write(pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
                return new DataDirectoryLock(held, pidFile);
            }

            // A process id that is not alive is the previous owner's: the new one has not written its own yet.
            var owner = ReadPid(pidFile);
            if (owner is { } pid && IsAlive(pid)) throw new DataDirectoryInUseException(directory, pid);
            if (since.Elapsed > Patience) throw new DataDirectoryInUseException(directory, null);
            Thread.Sleep(20);
        }
    }

    /// <summary>Gives the directory free.</summary>
    public void Dispose()
    {
        if (!_held.CanWrite) return;
        File.Delete(_pidFile);
        _held.Dispose();
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        // Exactly this type: missing folders, full disks and the like come as subclasses or are seen at the next write.
        catch (IOException refused) when (refused.GetType() == typeof(IOException))
        {
            return null;
        }
    }

    private static int? ReadPid(string pidFile)
    {
        try
        {
            return int.TryParse(File.ReadAllText(pidFile), CultureInfo.InvariantCulture, out var pid) ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
