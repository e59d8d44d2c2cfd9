namespace LearningLedger.Benchmarks.Load;

/// <summary>What the load generator is to do; written to its standard input.</summary>
/// <param name="Url">The server.</param>
/// <param name="Key">The key to send.</param>
/// <param name="Connections">Connections, each with one request under way at a time.</param>
/// <param name="PerRequest">Events of a request; 1 posts single events.</param>
/// <param name="Learners">How many learners there are.</param>
/// <param name="Prefix">Begins all event ids of this load, and those of no other.</param>
internal sealed record LoadSpec(Uri Url, string Key, int Connections, int PerRequest, int Learners, string Prefix)
{
    /// <summary>Ends after so many requests; 0: no end.</summary>
    public int Requests { get; init; }

    /// <summary>Ends after so many seconds; 0: no end.</summary>
    public int Seconds { get; init; }

    /// <summary>Open loop: requests begin at this rate a second whatever the server does; 0: each begins when the one before it is answered.</summary>
    public double Rate { get; init; }

    /// <summary>Reads these paths in turn and posts nothing; null: posts.</summary>
    public IReadOnlyList<string>? Read { get; init; }

    /// <summary>The session of somebody who is signed in, sent with reads instead of the key; null: the key.</summary>
    public string? Cookie { get; init; }

    /// <summary>Posts xAPI statements, not events.</summary>
    public bool Statements { get; init; }

    /// <summary>Codes of the skills that are tried in turn; null: the usual ones.</summary>
    public IReadOnlyList<string>? Skills { get; init; }
}

/// <summary>What came of it; read from its standard output.</summary>
/// <param name="Requests">Answered with success.</param>
/// <param name="Accepted">Events in them.</param>
/// <param name="Refused">Requests answered otherwise.</param>
/// <param name="FirstRefusal">The first of these answers.</param>
/// <param name="Seconds">From the first request to the last answer.</param>
/// <param name="MedianMs">Time from when a request was meant to begin to its answer: the middle one.</param>
/// <param name="P95Ms">95 of 100 are not above it.</param>
/// <param name="P99Ms">99 of 100 are not above it.</param>
/// <param name="MostMs">None is above it.</param>
internal sealed record LoadResult(long Requests, long Accepted, long Refused, string? FirstRefusal, double Seconds, double MedianMs, double P95Ms, double P99Ms, double MostMs)
{
    /// <summary>Accepted events a second.</summary>
    public double Rate => Accepted / Seconds;
}
