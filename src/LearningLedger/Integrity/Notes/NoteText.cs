using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace LearningLedger.Integrity;

/// <summary>The spelling of notes.</summary>
internal static class NoteText
{
    /// <summary>How a signature line begins: an em dash and a space.</summary>
    public const string Dash = "\u2014 ";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether a key may be called so.</summary>
    public static bool IsKeyName(string name) => name.Length > 0 && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+');

    public static byte[] Utf8(string text) => StrictUtf8.GetBytes(text);

    /// <summary>Writes a text as UTF-8.</summary>
    /// <param name="text">The text.</param>
    /// <param name="output">At least three bytes for each character.</param>
    /// <returns>How many bytes that took.</returns>
    public static int Utf8(ReadOnlySpan<char> text, Span<byte> output) => StrictUtf8.GetBytes(text, output);

    /// <summary>The text of UTF-8 bytes.</summary>
    /// <exception cref="NoteException">Not UTF-8.</exception>
    public static string Text(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw new NoteException(NoteFault.Malformed, "A note must be UTF-8.");
        }
    }

    /// <summary>Decodes base64 without taking the white space that .NET's decoder would skip.</summary>
    public static bool TryBase64(string text, out byte[] bytes)
    {
        bytes = new byte[(text.Length / 4 * 3) + 3];
        var fine = !text.Any(char.IsWhiteSpace) & Convert.TryFromBase64String(text, bytes, out var written);
        bytes = bytes[..written];
        return fine;
    }

    /// <summary>Reads a number as these formats write it: digits, no leading zero, less than 2^63.</summary>
    public static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && (text.Length == 1 || text[0] != '0');

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string SignatureLine(VerifierKey key, ReadOnlySpan<byte> signature)
    {
        var bytes = new byte[sizeof(uint) + signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, key.Id);
        signature.CopyTo(bytes.AsSpan(sizeof(uint)));
        return $"{Dash}{key.Name} {Convert.ToBase64String(bytes)}\n";
    }

    /// <summary>What a witness signs.</summary>
    public static byte[] Cosigned(string text, long time) => Utf8($"cosignature/v1\ntime {Number(time)}\n{text}");
}
