using LearningLedger.Service.Store;
using LearningLedger.Tables;

namespace LearningLedger.Service.Host;

/// <summary>The operator's key: admin with all scopes in tenant <c>default</c>, and the only one that may make tenants.</summary>
/// <param name="Text">The key.</param>
/// <param name="File">Where it lies, or null when it came from a setting.</param>
/// <param name="IsNew">Made at this start.</param>
public sealed record BootstrapKey(KeyText Text, string? File, bool IsNew)
{
    /// <summary>Reads the setting; null when it is unset.</summary>
    /// <exception cref="LedgerStartException">It is malformed.</exception>
    public static KeyText? FromSetting(string? setting) =>
        string.IsNullOrEmpty(setting) ? null
        : KeyText.Parse(setting) ?? throw new LedgerStartException(
            "Ledger__BootstrapKey must be ll_<id>_<secret>: the id 1 to 32 of a-z, 0-9 and '-', the secret 64 lower-case hex digits.");

    /// <summary>Where the key lies when no setting gives it.</summary>
    public static string FileIn(string dataDirectory) => Path.Combine(dataDirectory, "keys", "bootstrap.key");

    /// <summary>Makes the key valid: the one of the setting, else the one in the file, else a new one.</summary>
    /// <exception cref="LedgerStartException">The file holds something else.</exception>
    public static async Task<BootstrapKey> PlaceAsync(KeyText? setting, string dataDirectory, KeyRing keys, CancellationToken cancellation)
    {
        var file = FileIn(dataDirectory);
        var bootstrap = setting is not null ? new BootstrapKey(setting, null, false)
            : System.IO.File.Exists(file) ? new BootstrapKey(
                KeyText.Parse((await System.IO.File.ReadAllTextAsync(file, cancellation)).Trim())
                    ?? throw new LedgerStartException($"{file} does not hold a key. Delete it and a new one is made."),
                file, false)
            : new BootstrapKey(KeyText.Make(), file, true);
        if (bootstrap.IsNew)
        {
            SecretFile.Write(file, bootstrap.Text + "\n");
        }

        var caller = new Caller(bootstrap.Text.Id, Installation.DefaultTenant, Scopes.All, null, null, Bootstrap: true);
        await keys.AddAsync(bootstrap.Text, caller, "bootstrap", "operator", cancellation);
        return bootstrap;
    }
}
