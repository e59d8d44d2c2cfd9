using System.CommandLine;
using JasperFx;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Host;

/// <summary>The command line. Our own verbs are read before a host is built; only the tools of the event store are handed on.</summary>
public static class CommandLine
{
    // JasperFx's own verbs.
    private static readonly string[] StoreVerbs =
        ["check-env", "codegen", "db-apply", "db-assert", "db-dump", "db-list", "db-patch", "describe", "event-query", "marten", "projection-run", "projections", "resources", "storage", "stream-query", "wolverine-diagnostics"];

    /// <summary>Runs the service or a verb.</summary>
    /// <returns>0 when all went well.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        if (args is [var verb, ..] && StoreVerbs.Contains(verb))
        {
            return RunStoreVerbAsync(args);
        }

        var urls = new Option<string?>("--urls")
        {
            Description = $"Addresses to listen on, separated by ';' (default {RunningLedger.DefaultUrl}).",
            Recursive = true,
        };
        var root = new RootCommand("LearningLedger: learning records whose transcripts an auditor can prove. Without a verb the service is started.") { urls };
        root.SetAction((parsed, cancellation) => ServeCommand.RunAsync(SettingsOf(parsed.GetValue(urls)), cancellation));
        foreach (var command in OwnVerbs.All(parsed => SettingsOf(parsed.GetValue(urls))))
        {
            root.Add(command);
        }

        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static string[] SettingsOf(string? urls) => urls is null ? [] : ["--urls", urls];

    private static async Task<int> RunStoreVerbAsync(string[] args)
    {
        var builder = RunningLedger.Builder([]);
        var settings = RunningLedger.Read(builder.Configuration);

        // Generating code reads no database; every other verb asks for one by name, so that no cluster is started for a look.
        var connectionString = builder.Configuration.GetConnectionString("ledger");
        if (string.IsNullOrEmpty(connectionString) && args[0] != "codegen")
        {
            await Console.Error.WriteLineAsync($"'{args[0]}' works on a given database: set ConnectionStrings__ledger.");
            return 1;
        }

        await using var database = NpgsqlDataSource.Create(connectionString ?? "Host=127.0.0.1;Database=ledger");
        await using var app = LedgerHost.Build(builder, settings, database, new CommitPool(database), Vault.ForTools());
        return await app.RunJasperFxCommands(args);
    }
}
