using LearningLedger.Service.Host;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>A place where the service is started again and again: a folder, a database, and the operator's key.</summary>
internal sealed class Place : IDisposable
{
    private Place(string? database)
    {
        Database = database;
        Settings["Ledger__BootstrapKey"] = Key.ToString();
        if (database is not null) Settings["ConnectionStrings__ledger"] = database;
    }

    internal TestDirectory Directory { get; } = new();

    internal KeyText Key { get; } = KeyText.Make();

    /// <summary>Connection string to the given database; null: the service runs its own cluster.</summary>
    internal string? Database { get; }

    /// <summary>Environment of every start.</summary>
    internal Dictionary<string, string> Settings { get; } = [];

    /// <summary>The data directory.</summary>
    internal string Data => ServiceProcess.DataOf(Directory);

    /// <summary>With a private cluster, as on a machine without any configuration.</summary>
    internal static Place WithOwnCluster() => new(null);

    /// <summary>With an empty database of the test cluster.</summary>
    internal static async Task<Place> WithDatabaseAsync() => new(await TestCluster.CreateDatabaseAsync("faults"));

    /// <summary>With that database.</summary>
    internal static Place On(string database) => new(database);

    /// <summary>For another installation on the same database, which therefore has the same vault key.</summary>
    internal Place Beside()
    {
        var beside = On(ConnectionString);
        beside.Settings["Ledger__Vault__KeyFile"] = Path.Combine(Data, "keys", "vault.key");
        return beside;
    }

    /// <summary>Starts the service and waits until it is ready.</summary>
    internal Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync(Directory, Settings);

    /// <summary>Runs the program with any command line.</summary>
    internal ServiceProcess Run(params string[] args) => ServiceProcess.Run(Directory, Settings, args);

    /// <summary>A connection string to where the events lie; the private cluster must run.</summary>
    internal string ConnectionString =>
        Database ?? LearningLedger.Service.Host.PrivatePostgres.Connections.To(
            int.Parse(File.ReadAllText(Path.Combine(Data, "postgres", "port")), System.Globalization.CultureInfo.InvariantCulture),
            File.ReadAllText(Path.Combine(Data, "postgres", "password")).Trim(), "ledger");

    public void Dispose() => Directory.Dispose();
}
