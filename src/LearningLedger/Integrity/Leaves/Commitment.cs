namespace LearningLedger.Integrity;

/// <summary>The salted commitment to an event's content: <c>SHA-256("ll-commit-v1\0" || salt || payload)</c>.</summary>
/// <remarks>
/// The salt follows from the key of whoever the event is about. Who shows content and salt proves the content; once the key and the content are
/// destroyed, nobody can tell from the commitment what it was, not even by guessing.
/// </remarks>
public static class Commitment
{
    /// <summary>Bytes of a salt.</summary>
    public const int SaltBytes = 32;

    /// <summary>Bytes of the key a salt follows from.</summary>
    public const int KeyBytes = 32;

    private static ReadOnlySpan<byte> Domain => "ll-commit-v1\0"u8;

    /// <summary>The salt of an event: HMAC-SHA256(key, the event id's 16 bytes in network order). Each is shown alone; the key never is.</summary>
    /// <param name="key">The learner's key, or the tenant's for streams without a learner: <see cref="KeyBytes"/> bytes.</param>
    /// <param name="eventId">The event.</param>
    /// <param name="salt">Takes <see cref="SaltBytes"/> bytes.</param>
    public static void Salt(ReadOnlySpan<byte> key, Guid eventId, Span<byte> salt)
    {
        if (key.Length != KeyBytes)
        {
            throw new ArgumentException($"The key has {KeyBytes} bytes, not {key.Length}.", nameof(key));
        }

        Span<byte> name = stackalloc byte[16];
        eventId.TryWriteBytes(name, bigEndian: true, out _);
        Sha256.Hmac(key, name, salt);
    }

    /// <summary>The commitment.</summary>
    /// <param name="salt">Exactly <see cref="SaltBytes"/> bytes, or two different contents could have the same commitment.</param>
    /// <param name="payload">The content as <see cref="EventPayload"/> writes it.</param>
    public static TreeHash Of(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> payload)
    {
        if (salt.Length != SaltBytes)
        {
            throw new ArgumentException($"A salt has {SaltBytes} bytes, not {salt.Length}.", nameof(salt));
        }

        Span<byte> start = stackalloc byte[Domain.Length + SaltBytes];
        Domain.CopyTo(start);
        salt.CopyTo(start[Domain.Length..]);
        Span<byte> hash = stackalloc byte[TreeHash.Size];
        Sha256.Of(start, payload, hash);
        return new TreeHash(hash);
    }
}
