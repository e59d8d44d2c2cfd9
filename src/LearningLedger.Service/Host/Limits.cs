namespace LearningLedger.Service.Host;

/// <summary>Bounds that are not worth a setting, each with its unit and reason. The settable ones are in <see cref="LimitSettings"/>.</summary>
public static class Limits
{
    /// <summary>Characters of a posted event's id; long enough for a UUID with a prefix or an IRI.</summary>
    public const int EventId = 512;

    /// <summary>Characters of a URI or IRI.</summary>
    public const int Uri = 2_048;

    /// <summary>Characters of what a platform calls a learner.</summary>
    public const int Subject = 512;

    /// <summary>Characters of a code.</summary>
    public const int Code = 100;

    /// <summary>Characters of a note, comment or title.</summary>
    public const int Text = 4_000;

    /// <summary>Skills one piece of evidence may name.</summary>
    public const int SkillsOfEvidence = 50;

    /// <summary>How far a source's clock may run ahead of ours.</summary>
    public static readonly TimeSpan ClockAhead = TimeSpan.FromHours(24);

    /// <summary>Faults listed in one answer; more would only repeat themselves.</summary>
    public const int FaultsListed = 1_000;

    /// <summary>Events one commit takes; beyond this the gain of sharing a flush is spent and the wait of the others grows.</summary>
    public const int EventsPerCommit = 2_500;

    /// <summary>Bytes that may wait for a commit; beyond it posts are answered 503, so that memory stays bounded. About 40,000 usual events.</summary>
    public const long BytesWaiting = 64 * 1024 * 1024;

    /// <summary>Bytes of request bodies in memory at once; beyond it requests are answered 503, so that many connections cannot fill the memory.</summary>
    public const long BodyBytesHeld = 64 * 1024 * 1024;

    /// <summary>Bytes a waiting event takes beside its data as posted: ids, codes, what is to be stored, the objects around them.</summary>
    public const int BytesPerEvent = 1_536;

    /// <summary>Events of a stream that are recorded together; more would make a refusal cost more and the memory of a stream larger.</summary>
    public const int EventsPerChunk = 1_000;

    /// <summary>Bytes after which a stream's chunk is closed however few events it holds; its last line may lie beyond.</summary>
    public const int ChunkBytes = 1024 * 1024;

    /// <summary>Bytes of one line of a stream.</summary>
    public const int StreamLineBytes = 1024 * 1024;

    /// <summary>How long a chunk that is not full waits for more before it is recorded: what a slow sender sent must not wait for the rest.</summary>
    public static readonly TimeSpan StreamLinger = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a sender of a stream may be silent; a blank line is a sign of life.</summary>
    public static readonly TimeSpan StreamIdle = TimeSpan.FromMinutes(2);

    /// <summary>Pause before a stream's chunk is offered again when too much waits to be written; meanwhile nothing is read, so the sender waits too.</summary>
    public static readonly TimeSpan StreamRetry = TimeSpan.FromMilliseconds(50);

    /// <summary>Events that wait while a commit is under way and are then worth a second at a time: one fills its batch while another flushes.</summary>
    public const int Crowd = 32;

    /// <summary>Identities kept in memory, with their keys; about 300 bytes each.</summary>
    public const int IdentitiesKept = 100_000;

    /// <summary>Keys of the statement index kept in memory; about 400 bytes each.</summary>
    public const int IndexKeysKept = 30_000;

    /// <summary>Bytes of answers about cohorts kept in memory; an answer is a few kilobytes, and one that names each learner of a large cohort about a megabyte.</summary>
    public const long AnswerBytesKept = 32 * 1024 * 1024;

    /// <summary>Questions that read on two connections at once; others read the same on one.</summary>
    public const int SecondConnections = 4;

    /// <summary>How old a kept answer may be that changes as time goes by; its unit is days.</summary>
    public static readonly TimeSpan AnswerAge = TimeSpan.FromMinutes(1);

    /// <summary>Keys of streams the sequencer keeps in memory; about 150 bytes each.</summary>
    public const int SaltKeysKept = 200_000;

    /// <summary>Leaves one transaction of a log takes: more would make others wait for their proofs, fewer cost more round trips.</summary>
    public const int LeavesPerCommit = 2_500;

    /// <summary>What receipts promise: a signed checkpoint covers an event this long after it was recorded, at the latest.</summary>
    public static readonly TimeSpan LoggedWithin = TimeSpan.FromSeconds(60);

    /// <summary>How long the logs may let events wait in a burst; far less than <see cref="LoggedWithin"/>.</summary>
    public static readonly TimeSpan LoggedLate = TimeSpan.FromSeconds(10);

    /// <summary>The longest a request may ask to wait for something; a heads leaf comes within a minute by default.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(90);

    /// <summary>How long an erasure waits until all events of the learner are logged; the log is seldom a second behind, and in a burst up to <see cref="LoggedLate"/>.</summary>
    public static readonly TimeSpan ErasureWait = TimeSpan.FromSeconds(15);

    /// <summary>How long an erasure holds up posts for the learner, so that the log can reach the last of them; others that share their commits wait too.</summary>
    public static readonly TimeSpan ErasureHolds = TimeSpan.FromSeconds(1);

    /// <summary>How often a waiting request looks again.</summary>
    public static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    /// <summary>Events a second from which on projections and logs look seldom at what was recorded, see <see cref="BusyGlance"/>.</summary>
    public const int BusyRate = 500;

    /// <summary>How long projections and logs rest between rounds while more than <see cref="BusyRate"/> are recorded. What they show is then as much older.</summary>
    public static readonly TimeSpan BusyGlance = TimeSpan.FromMilliseconds(500);

    /// <summary>How often each of several services notes that it lives, and looks whether the others do.</summary>
    public static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(3);

    /// <summary>How long one of several services may be silent before its projections are given to others. Their clocks must not differ by as much.</summary>
    public static readonly TimeSpan NodeSilent = TimeSpan.FromSeconds(15);

    /// <summary>How long a session of one of several services may say nothing in a transaction, or while it has the leader's turn, before another ends it.</summary>
    public static readonly TimeSpan SessionSilent = TimeSpan.FromSeconds(30);

    /// <summary>Tenants whose logs are written at once.</summary>
    public const int LogsAtOnce = 2;

    /// <summary>How long a witness may take to cosign; what is published waits as long.</summary>
    public static readonly TimeSpan WitnessAnswers = TimeSpan.FromSeconds(2);

    /// <summary>How long a witness is left alone that did not cosign.</summary>
    public static readonly TimeSpan WitnessRests = TimeSpan.FromSeconds(30);

    /// <summary>How long a time-stamping authority may take; nothing waits for it.</summary>
    public static readonly TimeSpan StampAnswers = TimeSpan.FromSeconds(30);

    /// <summary>How long an authority is left alone that did not stamp.</summary>
    public static readonly TimeSpan StampRests = TimeSpan.FromMinutes(1);

    /// <summary>Tries of one commit or decision against deadlocks and lost races.</summary>
    public const int Tries = 12;

    /// <summary>Learners of whom the award watch keeps in memory what they still lack; about 300 bytes each. Beyond it starts anew.</summary>
    public const int OutlooksKept = 100_000;
}
