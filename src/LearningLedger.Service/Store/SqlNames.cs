namespace LearningLedger.Service.Store;

/// <summary>The one home of schema names and stream types that SQL text is built from.</summary>
public static class SqlNames
{
    /// <summary>Marten's tables, and what belongs to every append.</summary>
    public const string Ledger = "ledger";

    /// <summary>Wolverine's messages and nodes.</summary>
    public const string Wolverine = "wolverine";

    /// <summary>Keys that seal; never part of an event.</summary>
    public const string Vault = "vault";

    /// <summary>Tenants, identities, API keys, refused posts.</summary>
    public const string Registry = "registry";

    /// <summary>Tables and views for analysts.</summary>
    public const string Analytics = "analytics";

    /// <summary>The tamper-evident log: outbox, leaves, tiles.</summary>
    public const string Log = "tlog";

    /// <summary>What xAPI statements are found by, attachments, documents.</summary>
    public const string Xapi = "xapi";

    /// <summary>The sequence that numbers all events.</summary>
    public const string Sequence = Ledger + ".mt_events_sequence";

    /// <summary>A condition on Marten's progress: a projection's. What Marten notes there for itself has no colon in its name: where the ledger ends, and where it waited for a number that never came.</summary>
    public const string IsProjection = "name like '%:%'";
}
