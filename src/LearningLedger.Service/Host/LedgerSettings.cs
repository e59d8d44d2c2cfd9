namespace LearningLedger.Service.Host;

/// <summary>What an operator can set: environment variables <c>Ledger__Name</c> or the section <c>Ledger</c> of appsettings.json.</summary>
public sealed class LedgerSettings
{
    /// <summary>Where keys and the private cluster lie; relative to where the user stands.</summary>
    public string DataDirectory { get; set; } = ".ledger";

    /// <summary>A key <c>ll_id_secret</c> made valid at every start as admin with all scopes in tenant <c>default</c>.</summary>
    public string? BootstrapKey { get; set; }

    /// <summary>Whether the service brings the database schema up to date or only checks it.</summary>
    public SchemaMode Schema { get; set; } = SchemaMode.Apply;

    /// <summary>How many services share the database.</summary>
    public NodesMode Nodes { get; set; } = NodesMode.Single;

    /// <summary>The key that wraps all stream keys.</summary>
    public VaultSettings Vault { get; set; } = new();

    /// <summary>Bounds on what one request may ask.</summary>
    public LimitSettings Limits { get; set; } = new();

    /// <summary>The tamper-evident log.</summary>
    public LogSettings Log { get; set; } = new();

    /// <summary>The service as a witness.</summary>
    public WitnessSettings Witness { get; set; } = new();

    /// <summary>Cohort numbers.</summary>
    public AnalyticsSettings Analytics { get; set; } = new();

    /// <summary>The xAPI statement store.</summary>
    public XapiSettings Xapi { get; set; } = new();

    /// <summary>What the service tells about itself.</summary>
    public MetricsSettings Metrics { get; set; } = new();

    /// <summary>The vault key's file: <see cref="VaultSettings.KeyFile"/> or <c>keys/vault.key</c> in the data directory.</summary>
    public string VaultKeyFile => Vault.KeyFile ?? Path.Combine(DataDirectory, "keys", "vault.key");

    /// <summary>The logs' signing key: <see cref="LogSettings.KeyFile"/> or <c>keys/log.key</c> in the data directory.</summary>
    public string LogKeyFile => Log.KeyFile ?? Path.Combine(DataDirectory, "keys", "log.key");

    /// <summary>The receipts' signing key: <see cref="LogSettings.ReceiptKeyFile"/> or <c>keys/receipt.key</c> in the data directory.</summary>
    public string ReceiptKeyFile => Log.ReceiptKeyFile ?? Path.Combine(DataDirectory, "keys", "receipt.key");

    /// <summary>The key with which the service cosigns: <see cref="WitnessSettings.KeyFile"/> or <c>keys/witness.key</c> in the data directory.</summary>
    public string WitnessKeyFile => Witness.KeyFile ?? Path.Combine(DataDirectory, "keys", "witness.key");

    /// <summary>Where the signer keeps what it signed last, for each tenant: <c>log</c> in the data directory.</summary>
    public string SignedFolder => Path.Combine(DataDirectory, "log");
}

/// <summary>What happens to the schema at start.</summary>
public enum SchemaMode
{
    /// <summary>It is brought up to date under an advisory lock.</summary>
    Apply,

    /// <summary>It is compared; a difference stops the start.</summary>
    Check,
}

/// <summary>How many services share one database.</summary>
public enum NodesMode
{
    /// <summary>One; it holds an advisory lock on the database, and a second refuses to start.</summary>
    Single,

    /// <summary>Several; projections are spread over them.</summary>
    Several,
}

/// <summary>Settings <c>Ledger__Vault__*</c>.</summary>
public sealed class VaultSettings
{
    /// <summary>Path of the key file, the same on all nodes, never in a database backup. Made at first start, mode 0600.</summary>
    public string? KeyFile { get; set; }
}

/// <summary>Settings <c>Ledger__Limits__*</c>.</summary>
public sealed class LimitSettings
{
    /// <summary>Largest request body in bytes.</summary>
    public int BodyBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Most events in one request.</summary>
    public int BatchEvents { get; set; } = 5_000;

    /// <summary>Requests per second and key; 0 is off.</summary>
    public int RequestsPerSecond { get; set; }
}

/// <summary>Settings <c>Ledger__Log__*</c>.</summary>
public sealed class LogSettings
{
    /// <summary>Origin of the tenant logs, <c>/tenant</c> is appended; unset: <c>learningledger/</c> and a random id made at first start and stored.</summary>
    public string? Origin { get; set; }

    /// <summary>Least seconds between two heads leaves.</summary>
    public int HeadsEverySeconds { get; set; } = 60;

    /// <summary>Most seconds until a log that does not grow is dated anew.</summary>
    public int DatedEverySeconds { get; set; } = 60;

    /// <summary>Path of a policy file (C2SP tlog-policy) with the witnesses that are asked to cosign, their addresses, and the quorum the operator wants; none when unset.</summary>
    public string? Witnesses { get; set; }

    /// <summary>Address of an RFC 3161 time-stamping authority that is asked to stamp checkpoints; none when unset.</summary>
    public Uri? TimestampUrl { get; set; }

    /// <summary>Least seconds between two timestamps of a log that grows.</summary>
    public int TimestampEverySeconds { get; set; } = 3_600;

    /// <summary>Path of the key that signs the logs, the same on all nodes, never in a database backup. Made at first start, mode 0600.</summary>
    public string? KeyFile { get; set; }

    /// <summary>Path of the key that signs receipts, likewise; never the logs'.</summary>
    public string? ReceiptKeyFile { get; set; }

    /// <summary>Whether checkpoints, tiles and verifier keys are read without an API key.</summary>
    public bool Public { get; set; }
}

/// <summary>Settings <c>Ledger__Witness__*</c>.</summary>
public sealed class WitnessSettings
{
    /// <summary>Path of a policy file (C2SP tlog-policy) with the logs of others that this service is a witness of; none when unset.</summary>
    public string? Logs { get; set; }

    /// <summary>Path of the key that dates the service's own logs and cosigns those of others; the same on all nodes. Made at first start, mode 0600.</summary>
    public string? KeyFile { get; set; }
}

/// <summary>Settings <c>Ledger__Analytics__*</c>.</summary>
public sealed class AnalyticsSettings
{
    /// <summary>Cells of fewer people are suppressed.</summary>
    public int MinimumCell { get; set; } = 5;
}

/// <summary>Settings <c>Ledger__Metrics__*</c>.</summary>
public sealed class MetricsSettings
{
    /// <summary>Whether <c>GET /metrics</c> answers Prometheus; it takes a key with the scope metrics:read.</summary>
    public bool Prometheus { get; set; }
}

/// <summary>Settings <c>Ledger__Xapi__*</c>.</summary>
public sealed class XapiSettings
{
    /// <summary>The version named in answers to requests that name none, 1.0.x or 2.0.x.</summary>
    public string FallbackVersion { get; set; } = "2.0.0";

    /// <summary>Origins whose pages may call the store from a browser, separated by commas, or <c>*</c>; none when empty.</summary>
    public string AllowedOrigins { get; set; } = "";

    /// <summary>Path of the certificates, PEM, one of which must stand behind a signed statement for it to be <c>verified</c>; unset: those the system trusts.</summary>
    public string? SignatureRoots { get; set; }

    /// <summary>
    /// Whether statements may be sent on to loopback, private and other addresses that are not of the internet at large, and without TLS. An admin of a tenant could
    /// otherwise reach whatever this service can.
    /// </summary>
    public bool ForwardToPrivate { get; set; }

    /// <summary>Seconds a store that statements are sent on to has for its answer.</summary>
    public int ForwardTimeoutSeconds { get; set; } = 30;
}
