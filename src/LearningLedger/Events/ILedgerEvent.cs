namespace LearningLedger.Events;

/// <summary>The body of one event of the ledger: a fact or a decision, in the past tense, never changed once stored.</summary>
/// <remarks>
/// A body holds codes, numbers, UUIDs, hashes and platform IRIs. Whatever a person typed, or that can identify one, is a <see cref="Sealed"/>
/// value. Times in bodies are UTC. Every body has one stored name in <see cref="EventCatalog"/>.
/// </remarks>
public interface ILedgerEvent;

/// <summary>Text that only the holder of the stream's key can read: <c>{"sealed": base64}</c> in the stored body.</summary>
/// <param name="Value">
/// Base64 (RFC 4648, section 4, padded) of nonce (12 bytes), ciphertext and tag (16 bytes): AES-256-GCM under HMAC-SHA-256(stream key,
/// "seal" then the event id's 16 bytes in network order), the name of the field as associated data.
/// </param>
public sealed record Sealed([property: System.Text.Json.Serialization.JsonPropertyName("sealed")] string Value);
