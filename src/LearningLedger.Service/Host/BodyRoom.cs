namespace LearningLedger.Service.Host;

/// <summary>Bounds the bytes of all request bodies that are in memory at once, however many connections there are.</summary>
public sealed class BodyRoom
{
    private long held;

    /// <summary>Bytes in memory now.</summary>
    public long Held => Volatile.Read(ref held);

    /// <summary>Opens an account that is closed with the request.</summary>
    public Lease Open() => new(this);

    /// <summary>What one request holds.</summary>
    public sealed class Lease(BodyRoom room) : IDisposable
    {
        private long mine;

        /// <summary>Whether the request may hold so many bytes; one may always, while the others leave it any room.</summary>
        public bool Grow(long to)
        {
            var others = Interlocked.Add(ref room.held, to - mine) - to;
            mine = to;
            return others < Limits.BodyBytesHeld;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            Interlocked.Add(ref room.held, -mine);
            mine = 0;
        }
    }
}
