using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace LearningLedger.Integrity;

/// <content>Numbers: which ones have a canonical form, and which form.</content>
public static partial class CanonicalJson
{
    /// <summary>Whether a JSON number's decimal value is exactly that of its shortest double form, so that RFC 8785 can carry it.</summary>
    /// <param name="number">The number as written, in JSON's grammar.</param>
    public static bool IsExact(ReadOnlySpan<char> number)
    {
        var value = double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value) && DecimalValue.Of(number) == DecimalValue.Of(value.ToString("R", CultureInfo.InvariantCulture));
    }

    /// <summary>A finite double as ECMAScript's Number::toString prints it.</summary>
    public static string Number(double value)
    {
        if (value == 0)
        {
            return "0";
        }

        var (negative, digits, exponent) = DecimalValue.Of(value.ToString("R", CultureInfo.InvariantCulture));
        var sign = negative ? "-" : "";
        var k = digits.Length;
        var n = exponent + k; // position of the decimal point counted from the first digit, as ECMA-262 names it
        return n switch
        {
            _ when k <= n && n <= 21 => sign + digits + new string('0', n - k),
            _ when n is > 0 and <= 21 => sign + digits[..n] + "." + digits[n..],
            _ when n is > -6 and <= 0 => sign + "0." + new string('0', -n) + digits,
            _ => sign + digits[0] + (k > 1 ? "." + digits[1..] : "") + "e" + (n > 0 ? "+" : "-") + Math.Abs(n - 1).ToString(CultureInfo.InvariantCulture),
        };
    }

    private static void WriteNumber(JsonElement element, IBufferWriter<byte> output)
    {
        var bytes = JsonMarshal.GetRawUtf8Value(element);
        if (TrySimple(bytes, out var simple))
        {
            output.Write(simple);
            return;
        }

        var raw = element.GetRawText();
        if (!IsExact(raw))
        {
            throw new CanonicalJsonException($"is a number that no double holds exactly as written ({(raw.Length > 40 ? raw[..40] + "..." : raw)})");
        }

        Encoding.UTF8.GetBytes(Number(double.Parse(raw, NumberStyles.Float, CultureInfo.InvariantCulture)), output);
    }

    /// <summary>
    /// The canonical form of a number that needs no look at doubles: up to 15 digits are always those of a double's shortest form, so only the zeros
    /// at the end of a fraction have to go.
    /// </summary>
    private static bool TrySimple(ReadOnlySpan<byte> number, out ReadOnlySpan<byte> canonical)
    {
        canonical = number;
        if (number.Length > 16 || number.ContainsAny((byte)'e', (byte)'E') || number[0] == '-' || number.StartsWith("0.00000"u8))
        {
            return false;
        }

        var point = number.IndexOf((byte)'.');
        if (point < 0)
        {
            return number.Length <= 15;
        }

        canonical = number.TrimEnd((byte)'0');
        canonical = canonical[^1] == '.' ? canonical[..^1] : canonical;
        return true;
    }

    /// <summary>Sign, significant digits without outer zeros, and the power of ten of the last digit.</summary>
    private readonly record struct DecimalValue(bool Negative, string Digits, int Exponent)
    {
        public static DecimalValue Of(ReadOnlySpan<char> text)
        {
            var negative = text[0] == '-';
            var body = negative ? text[1..] : text;
            var e = body.IndexOfAny('e', 'E');
            long exponent = 0;
            if (e >= 0)
            {
                // An exponent too long for a long lies far outside a double's range, whatever the digits say.
                exponent = long.TryParse(body[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) ? parsed : int.MaxValue;
                body = body[..e];
            }

            var point = body.IndexOf('.');
            var digits = point < 0 ? body.ToString() : string.Concat(body[..point], body[(point + 1)..]);
            exponent -= point < 0 ? 0 : body.Length - point - 1;
            var trimmed = digits.TrimStart('0');
            var significant = trimmed.TrimEnd('0');
            return significant.Length == 0
                ? new DecimalValue(false, "", 0)
                : new DecimalValue(negative, significant, (int)Math.Clamp(exponent + trimmed.Length - significant.Length, int.MinValue, int.MaxValue));
        }
    }
}
