namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>Who runs the server. PostgreSQL refuses to run as root, so root needs another system user for it.</summary>
internal static class ServerUser
{
    private const string Own = "learningledger";

    /// <summary>
    /// The user's name; null when the server runs as whoever runs this process. Where there is a data folder already, its owner is
    /// the only user who can run it.
    /// </summary>
    internal static async Task<string?> ChooseAsync(string? data, Action<string> say, CancellationToken ct)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess) return null;
        if (data is not null) return await OwnerAsync(data, ct);
        if (await ExistsAsync("postgres", ct)) return "postgres";
        if (await ExistsAsync(Own, ct)) return Own;
        say($"PostgreSQL does not run as root: making the system user {Own} for it.");
        try
        {
            await new Command("useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", Own).MustRunAsync(ct);
        }
        catch (PrivateClusterException refused)
        {
            throw new PrivateClusterException(
                $"PostgreSQL does not run as root, and no system user could be made for it: {refused.Message} "
                + "Run the service as an ordinary user, make a system user named postgres, or set ConnectionStrings__ledger.", refused);
        }

        return Own;
    }

    /// <summary>Whether the user gets as far as into the folder, through everything above it.</summary>
    internal static async Task<bool> CanEnterAsync(string user, string folder, CancellationToken ct) =>
        (await new Command("test", "-w", folder, "-a", "-x", folder) { User = user }.RunAsync(ct)).Succeeded;

    /// <summary>Makes the user the owner of one file or folder.</summary>
    internal static Task GiveAsync(string? user, string path, CancellationToken ct) =>
        user is null ? Task.CompletedTask : new Command("chown", user, path).MustRunAsync(ct);

    private static async Task<bool> ExistsAsync(string user, CancellationToken ct) => (await new Command("id", "-u", user).RunAsync(ct)).Succeeded;

    private static async Task<string> OwnerAsync(string data, CancellationToken ct)
    {
        var owner = await new Command("stat", OperatingSystem.IsMacOS() ? ["-f", "%Su", data] : ["-c", "%U", data]).MustRunAsync(ct);
        return owner is not ("root" or "UNKNOWN")
            ? owner
            : throw new PrivateClusterException(
                $"The cluster {data} belongs to {(owner == "root" ? "root, and PostgreSQL does not run as root" : "a user unknown on this machine")}. "
                + $"Give it back to a user who can run it (chown -R postgres '{data}').");
    }
}
