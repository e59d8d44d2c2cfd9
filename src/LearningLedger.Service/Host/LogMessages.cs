namespace LearningLedger.Service.Host;

/// <summary>Every line the service logs. No line holds a secret, a sealed text or a platform's identifier of a learner.</summary>
public static partial class LogMessages
{
    /// <summary>A shared commit failed and is repeated request by request.</summary>
    [LoggerMessage(100, LogLevel.Warning, "A commit of {Requests} requests failed; each is committed alone")]
    public static partial void CommitSplit(this ILogger log, Exception e, int requests);

    /// <summary>A commit failed; its posters are answered 503.</summary>
    [LoggerMessage(101, LogLevel.Error, "A commit of {Requests} requests failed")]
    public static partial void CommitFailed(this ILogger log, Exception e, int requests);

    /// <summary>A commit of statements met another; on fresh sight it goes on. Deadlocks (40P01) are not meant to happen.</summary>
    [LoggerMessage(104, LogLevel.Information, "A commit of {Requests} requests met another ({SqlState}) and is repeated")]
    public static partial void CommitRepeated(this ILogger log, string sqlState, int requests);

    /// <summary>A stream of events could not go on; its sender is told from which line to send again.</summary>
    [LoggerMessage(103, LogLevel.Error, "A stream of events failed")]
    public static partial void StreamFailed(this ILogger log, Exception e);

    /// <summary>Another service took the database while it was away from us.</summary>
    [LoggerMessage(102, LogLevel.Critical, "Another service has taken the database. This one stops; set Ledger__Nodes=several for services that share a database")]
    public static partial void DatabaseTaken(this ILogger log);

    /// <summary>A projection goes on that had stopped because the database was away.</summary>
    [LoggerMessage(110, LogLevel.Warning, "Projection {Shard} had stopped and goes on: {Reason}")]
    public static partial void ShardRevived(this ILogger log, string shard, string reason);

    /// <summary>A projection that stopped because the database was away could not be set going; it is tried again.</summary>
    [LoggerMessage(111, LogLevel.Warning, "Projection {Shard} has stopped and cannot be set going yet")]
    public static partial void ShardNotRevived(this ILogger log, Exception e, string shard);

    /// <summary>Statistics were not refreshed; it is tried again in seconds, and PostgreSQL's own maintenance does the same, later.</summary>
    [LoggerMessage(112, LogLevel.Warning, "The statistics of the tables were not refreshed")]
    public static partial void StatisticsNotRefreshed(this ILogger log, Exception e);

    /// <summary>Another service was suspended, and held up this one.</summary>
    [LoggerMessage(113, LogLevel.Warning, "Session {Pid} from {Address} has said nothing for {Seconds:F0} seconds in a transaction, or as the leader, and was ended: is its service suspended?")]
    public static partial void SilentSessionEnded(this ILogger log, int pid, string address, double seconds);

    /// <summary>Whether another service holds up this one is not known; it is looked again in seconds.</summary>
    [LoggerMessage(114, LogLevel.Warning, "Sessions that say nothing were not looked for")]
    public static partial void SilentSessionsNotEnded(this ILogger log, Exception e);

    /// <summary>An endpoint threw.</summary>
    [LoggerMessage(200, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger log, Exception e, string method, string path);

    /// <summary>A learner's awards could not be ended; they are due again in a minute.</summary>
    [LoggerMessage(300, LogLevel.Error, "Awards of learner {Learner} in tenant {Tenant} are due to expire and could not")]
    public static partial void ExpiryFailed(this ILogger log, Exception e, string tenant, Guid learner);

    /// <summary>The search for awards whose time is over failed; it is repeated in a minute.</summary>
    [LoggerMessage(301, LogLevel.Error, "The search for awards whose time is over failed")]
    public static partial void ExpiryPassFailed(this ILogger log, Exception e);

    /// <summary>A log is not signed, for a reason that people must look at; it is tried again.</summary>
    [LoggerMessage(500, LogLevel.Critical, "The log of tenant {Tenant} is not signed: {Reason}")]
    public static partial void LogNotSigned(this ILogger log, string tenant, string reason);

    /// <summary>Two nodes wrote one log; one of them starts over.</summary>
    [LoggerMessage(501, LogLevel.Information, "The log of tenant {Tenant} moved while it was written; it is looked at again")]
    public static partial void LogContended(this ILogger log, Exception e, string tenant);

    /// <summary>A round of the sequencer failed; it is repeated in a second.</summary>
    [LoggerMessage(502, LogLevel.Warning, "The logs could not be written")]
    public static partial void SequencingFailed(this ILogger log, Exception e);

    /// <summary>A log got no heads leaf; it is due again in a second.</summary>
    [LoggerMessage(503, LogLevel.Warning, "The log of tenant {Tenant} got no heads leaf")]
    public static partial void HeadsFailed(this ILogger log, Exception e, string tenant);

    /// <summary>Events and log do not agree; <c>/v1/log/findings</c> and the verb <c>reconcile</c> tell where.</summary>
    [LoggerMessage(504, LogLevel.Critical, "Events and log of tenant {Tenant} do not agree: {Kind}, {Count} times")]
    public static partial void Disagreement(this ILogger log, string tenant, string kind, int count);

    /// <summary>Events and logs could not be held against each other; it is tried again tomorrow, or when asked for.</summary>
    [LoggerMessage(505, LogLevel.Error, "Events and logs could not be held against each other")]
    public static partial void ReconciliationFailed(this ILogger log, Exception e);

    /// <summary>A new log was opened in the place of one that has ended.</summary>
    [LoggerMessage(506, LogLevel.Warning, "Tenant {Tenant} has a new log, {Origin}; the former one has ended")]
    public static partial void EpochOpened(this ILogger log, string tenant, string origin);

    /// <summary>Too few witnesses cosign; checkpoints are published without them.</summary>
    [LoggerMessage(508, LogLevel.Warning, "Too few witnesses cosign the log of tenant {Tenant}: {Reason}")]
    public static partial void NotWitnessed(this ILogger log, string tenant, string reason);

    /// <summary>A time-stamping authority did not stamp; it is asked again in a minute.</summary>
    [LoggerMessage(509, LogLevel.Warning, "A checkpoint of tenant {Tenant} was not stamped with a time")]
    public static partial void NotStamped(this ILogger log, Exception e, string tenant);

    /// <summary>A store that statements are sent on to takes nothing at the moment; it is tried again after a while.</summary>
    [LoggerMessage(600, LogLevel.Warning, "Statements of tenant {Tenant} wait for {Forward}: {Problem}")]
    public static partial void ForwardWaits(this ILogger log, string tenant, string forward, string problem);

    /// <summary>A statement was put aside that a store would not take.</summary>
    [LoggerMessage(601, LogLevel.Warning, "{Forward} of tenant {Tenant} does not take statement {Statement}: {Problem}")]
    public static partial void StatementNotTaken(this ILogger log, string tenant, string forward, Guid statement, string problem);

    /// <summary>Statements could not be sent on for a reason of our own; it is tried again in a second.</summary>
    [LoggerMessage(602, LogLevel.Error, "Statements could not be sent on")]
    public static partial void ForwardingFailed(this ILogger log, Exception e);

    /// <summary>Whom other nodes erased is not known; it is looked up again in a second.</summary>
    [LoggerMessage(510, LogLevel.Warning, "Learners erased lately could not be looked up")]
    public static partial void NotForgotten(this ILogger log, Exception e);

    /// <summary>The settled high-water mark was not noted this second; a cohort question as of a time then falls back to the note before.</summary>
    [LoggerMessage(400, LogLevel.Warning, "The settled high-water mark was not noted")]
    public static partial void HighWaterNotNoted(this ILogger log, Exception e);

    /// <summary>Figures for readers could not be worked out; those released before stay.</summary>
    [LoggerMessage(401, LogLevel.Warning, "The figures of cohort {Cohort} of tenant {Tenant} were not released")]
    public static partial void NotReleased(this ILogger log, Exception e, string tenant, string cohort);

    /// <summary>Where members stand was not kept; questions work it out anew until it is.</summary>
    [LoggerMessage(402, LogLevel.Warning, "Where members of cohort {Cohort} of tenant {Tenant} stand was not kept")]
    public static partial void NotKept(this ILogger log, Exception e, string tenant, string cohort);
}
