using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Marten;
using Npgsql;
using Wolverine.Persistence.Durability;
using JasperFx;

var builder = WebApplication.CreateBuilder(args);
var settings = builder.Configuration.GetSection("Ledger").Get<LedgerSettings>() ?? new();
await using var ds = NpgsqlDataSource.Create("Host=127.0.0.1;Port=5599;Username=postgres;Database=postgres");
await using var app = LedgerHost.Build(builder, settings, ds, Vault.Open(settings.VaultKeyFile));
if (args is ["codegen", ..]) return await app.RunJasperFxCommands(args);
await SchemaUpdate.ApplyAsync(ds, app.Services.GetRequiredService<IDocumentStore>(), app.Services.GetRequiredService<IMessageStore>(), default);
await app.StartAsync();
await app.WaitForShutdownAsync();
return 0;
