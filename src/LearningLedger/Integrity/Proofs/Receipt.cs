using System.Globalization;
using System.Runtime.CompilerServices;

namespace LearningLedger.Integrity;

/// <summary>
/// The ledger's promise to a platform: these events were taken, and each will be in the log by its deadline. If one is not, the receipt proves
/// the broken promise to anybody.
/// </summary>
/// <remarks>
/// A signed note of the ledger's receipt key. Its text has the line <c>learningledger/receipt@v1</c>, the log's origin, and a line for each event:
/// event id, version in its stream, SHA-256 of the event's bytes as sent (base64), accepted at, deadline (UTC, six decimals), one space between.
/// </remarks>
/// <param name="Origin">The log.</param>
/// <param name="Events">The events in the order of the request; at least one.</param>
public sealed record Receipt(string Origin, IReadOnlyList<ReceiptLine> Events)
{
    private const string FirstLine = "learningledger/receipt@v1";

    // Of most; those that are longer take a larger buffer.
    private const int LineLength = 146;
    private const int SignatureLength = 200;

    /// <summary>The text to be signed.</summary>
    public string Text => Write().ToStringAndClear();

    /// <summary>The name of the key that signs a log's receipts. It is never the log's key: whoever can promise must not be able to make up a log.</summary>
    public static string KeyName(string origin) => origin + "/receipts";

    /// <summary>Reads the text of a note.</summary>
    /// <exception cref="NoteException">Not a receipt.</exception>
    public static Receipt Parse(string text)
    {
        var lines = text.EndsWith('\n') ? text[..^1].Split('\n') : [];
        if (lines.Length < 3 || lines[0] != FirstLine)
        {
            throw NoteLines.Malformed($"A receipt is the line {FirstLine}, the log's name, and a line for each event.");
        }

        var receipt = new Receipt(lines[1], [.. lines.Skip(2).Select(Line)]);
        return receipt.Text == text ? receipt : throw NoteLines.Malformed("The receipt is not written in its one form.");
    }

    /// <summary>The signed form, as text.</summary>
    /// <param name="key">The receipt key of this log.</param>
    public string Sign(SigningKey key)
    {
        if (key.Verifier.Name != KeyName(Origin))
        {
            throw new ArgumentException($"The key of {key.Verifier.Name} does not sign receipts of {Origin}.", nameof(key));
        }

        var note = Write();
        var signature = key.Sign(note.Text);
        note.AppendLiteral("\n");
        note.AppendLiteral(signature);
        return note.ToStringAndClear();
    }

    /// <summary>The receipt a note holds, if the policy's key for its log's receipts signed it.</summary>
    /// <exception cref="NoteException">Not a receipt, or not signed so.</exception>
    public static Receipt Verify(SignedNote note, TrustPolicy policy)
    {
        var receipt = Parse(note.Text);
        var own = policy.Receipts.Where(key => key.Name == KeyName(receipt.Origin)).ToList();
        return own.Count == 0 ? throw new NoteException(NoteFault.Invalid, $"The policy has no #receipts key for {receipt.Origin}.")
            : note.Verify(own).Count == 0 ? throw new NoteException(NoteFault.Invalid, $"The receipt is not signed by the key the policy has for receipts of {receipt.Origin}.")
            : receipt;
    }

    /// <summary>The text in a buffer of the pool. Each post is answered with it: of a large one it is no small string, and there need not be several.</summary>
    private DefaultInterpolatedStringHandler Write()
    {
        var text = new DefaultInterpolatedStringHandler(FirstLine.Length + Origin.Length + SignatureLength + (Events.Count * LineLength), 0, CultureInfo.InvariantCulture);
        text.AppendLiteral(FirstLine);
        text.AppendLiteral("\n");
        text.AppendLiteral(Origin);
        text.AppendLiteral("\n");
        Span<byte> sent = stackalloc byte[TreeHash.Size];
        Span<char> base64 = stackalloc char[TreeHash.Base64Length];
        (DateTimeOffset Accepted, DateTimeOffset Deadline) written = default;
        var times = "";
        foreach (var line in Events)
        {
            // Events of one commit have one recorded time.
            if (times.Length == 0 || written != (line.Accepted, line.Deadline))
            {
                written = (line.Accepted, line.Deadline);
                times = $" {LogLeaf.Text(line.Accepted)} {LogLeaf.Text(line.Deadline)}\n";
            }

            line.Sent.CopyTo(sent);
            Convert.TryToBase64Chars(sent, base64, out _);
            text.AppendFormatted(line.EventId);
            text.AppendLiteral(" ");
            text.AppendFormatted(line.Version);
            text.AppendLiteral(" ");
            text.AppendFormatted(base64);
            text.AppendLiteral(times);
        }

        return text;
    }

    private static ReceiptLine Line(string line)
    {
        var parts = line.Split(' ');
        return parts.Length == 5 && Guid.TryParseExact(parts[0], "D", out var id) && NoteText.TryNumber(parts[1], out var version)
            && TreeHash.TryParse(parts[2], out var sent) && TryTime(parts[3], out var accepted) && TryTime(parts[4], out var deadline)
            ? new ReceiptLine(id, version, sent, accepted, deadline)
            : throw NoteLines.Malformed("A line of the receipt is not an event id, version, SHA-256 and two times.");
    }

    private static bool TryTime(string text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, LogLeaf.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}

/// <summary>One event of a receipt.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Version">Its version in its stream.</param>
/// <param name="Sent">SHA-256 of its bytes as sent. Of an event sent again: of the bytes sent first.</param>
/// <param name="Accepted">Its recorded time, UTC, whole microseconds; its leaf says the same.</param>
/// <param name="Deadline">When the log will cover it at the latest, UTC, whole microseconds.</param>
public sealed record ReceiptLine(Guid EventId, long Version, TreeHash Sent, DateTimeOffset Accepted, DateTimeOffset Deadline);
