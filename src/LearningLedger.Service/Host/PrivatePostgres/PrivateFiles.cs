namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>Files and folders with the rights they are meant to have from their first moment.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode AllRead = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Replaces a file as a whole: a reader, or a start after a crash, sees the old text or the new.</summary>
    internal static void Write(string path, string text, bool secret = false)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = secret ? OwnerOnly : AllRead;
        var next = path + ".new";
        File.Delete(next); // one left by a killed start would keep its old mode
        using (var file = new FileStream(next, options))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }

    /// <summary>A folder that only its owner may enter.</summary>
    internal static void MakeClosedFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
    }

    /// <summary>A folder that another system user may pass through, whatever this process's mask.</summary>
    internal static void MakeOpenFolder(string path)
    {
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, AllRead | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    /// <summary>The path with every symbolic link followed, as a running process's own folder is reported.</summary>
    internal static string Physical(string path)
    {
        var full = Path.GetFullPath(path);
        var physical = Path.GetPathRoot(full)!;
        foreach (var part in full[physical.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(physical, part);
            physical = new DirectoryInfo(next).LinkTarget is { } target ? Physical(Path.Combine(physical, target)) : next;
        }

        return physical;
    }
}
