using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace LearningLedger.Xapi;

/// <summary>The text forms xAPI builds on.</summary>
public static partial class XapiText
{
    /// <summary>Whether it is an absolute IRI (RFC 3987): a scheme, a colon, and neither white space nor quotes after it.</summary>
    public static bool IsIri(string text)
    {
        var colon = text.IndexOf(':');
        return text.Length <= 8_192 && colon > 0 && colon < text.Length - 1 && char.IsAsciiLetter(text[0])
            && !text.AsSpan(1, colon - 1).ContainsAnyExcept(InScheme) && !text.AsSpan(colon + 1).ContainsAny(NotInIri);
    }

    /// <summary>Whether it is an address as <c>mbox</c> wants it.</summary>
    public static bool IsMailbox(string text) => text.Length <= 400 && Mailbox().IsMatch(text);

    /// <summary>Whether it is the SHA-1 of such an address in hex.</summary>
    public static bool IsSha1(string text) => text.Length == 40 && text.All(char.IsAsciiHexDigit);

    /// <summary>Whether it is a SHA-2 hash in hex: 224, 256, 384 or 512 bits.</summary>
    public static bool IsSha2(string text) => text.Length is 56 or 64 or 96 or 128 && text.All(char.IsAsciiHexDigit);

    /// <summary>Whether it is a language tag (RFC 5646, section 2.1, with the irregular ones left out).</summary>
    public static bool IsLanguageTag(string text) => IsUsualTag(text) || (text.Length <= 80 && LanguageTag().IsMatch(text));

    /// <summary>Whether it is a media type (RFC 6838).</summary>
    public static bool IsMediaType(string text) => text.Length <= 400 && MediaType().IsMatch(text);

    /// <summary>Whether it is a duration (ISO 8601, section 4.4.3.2).</summary>
    public static bool IsDuration(string text) => text.Length <= 80 && Duration().IsMatch(text);

    /// <summary>A duration's text with its seconds cut to hundredths, which is as far as two are told apart.</summary>
    internal static string Hundredths(string duration) => FineSeconds().Replace(duration, static m =>
    {
        var fraction = m.Groups[2].Value.PadRight(2, '0')[..2];
        var seconds = m.Groups[1].Value.TrimStart('0');
        return (seconds.Length == 0 ? "0" : seconds) + (fraction == "00" ? "" : "." + fraction) + "S";
    });

    /// <summary>Reads a time. Version 2.0 takes RFC 3339; 1.0 ISO 8601, where a time without a zone is UTC.</summary>
    public static bool TryTime(string text, XapiVersion version, out DateTimeOffset time)
    {
        if (TryUsualTime(text, out time))
        {
            return true;
        }

        var match = text.Length > 60 ? Match.Empty : version == XapiVersion.Two ? Rfc3339().Match(text) : Iso8601().Match(text);
        if (!match.Success)
        {
            return false;
        }

        int Part(string name) => match.Groups[name] is { Success: true } g ? int.Parse(g.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;
        var zone = match.Groups["sign"];
        var offset = new TimeSpan(Part("zh"), Part("zm"), 0);
        if (zone.ValueSpan is "-" && offset == TimeSpan.Zero)
        {
            // RFC 3339 gives -00:00 the meaning "zone unknown", and xAPI refuses it.
            return false;
        }

        try
        {
            var clock = new DateTime(Part("y"), Part("mo"), Part("d"), Part("h"), Part("mi"), Part("s"), DateTimeKind.Unspecified);
            var ticks = match.Groups["f"] is { Success: true } f ? long.Parse(f.Value.PadRight(7, '0').AsSpan(0, 7), NumberStyles.None, CultureInfo.InvariantCulture) : 0;
            time = new DateTimeOffset(clock.AddTicks(ticks), zone.ValueSpan is "-" ? -offset : offset).ToUniversalTime();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static readonly SearchValues<char> InScheme = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+.-");
    private static readonly SearchValues<char> NotInIri = SearchValues.Create([.. "<>\"{}|\\^`", .. Enumerable.Range(0, 0x10000).Select(c => (char)c).Where(char.IsWhiteSpace)]);

    /// <summary>Whether it is a language with or without a region, such as <c>en-GB</c>, as nearly all tags are.</summary>
    private static bool IsUsualTag(string text) =>
        text.Length is 2 or 5 && char.IsAsciiLetter(text[0]) && char.IsAsciiLetter(text[1])
        && (text.Length == 2 || (text[2] == '-' && char.IsAsciiLetter(text[3]) && char.IsAsciiLetter(text[4])));

    /// <summary>Reads a time as nearly all are written, and both versions take it: <c>2026-03-01T09:30:00Z</c>, with or without a fraction.</summary>
    private static bool TryUsualTime(string text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length is < 20 or > 60 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[^1] != 'Z')
        {
            return false;
        }

        var fraction = text.AsSpan(19, text.Length - 20);
        if (fraction.Length == 1 || (fraction.Length > 1 && (fraction[0] != '.' || fraction[1..].ContainsAnyExceptInRange('0', '9'))))
        {
            return false;
        }

        var (year, month, day, hour, minute, second) = (Digits(text, 0, 4), Digits(text, 5, 2), Digits(text, 8, 2), Digits(text, 11, 2), Digits(text, 14, 2), Digits(text, 17, 2));
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59)
        {
            return false;
        }

        var ticks = 0;
        for (var i = 1; i <= 7; i++)
        {
            ticks = (ticks * 10) + (i < fraction.Length ? fraction[i] - '0' : 0);
        }

        time = new DateTimeOffset(new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).AddTicks(ticks));
        return true;
    }

    /// <returns>The number; -1: something there is no digit.</returns>
    private static int Digits(string text, int start, int count)
    {
        var number = 0;
        foreach (var c in text.AsSpan(start, count))
        {
            if (!char.IsAsciiDigit(c))
            {
                return -1;
            }

            number = (number * 10) + (c - '0');
        }

        return number;
    }

    [GeneratedRegex(@"\Amailto:[^\s@<>:,;]+@[^\s@<>:,;/]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Mailbox();

    [GeneratedRegex(
        @"\A(([A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}|[A-Za-z]{4}|[A-Za-z]{5,8})(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[0-9A-WY-Za-wy-z](-[A-Za-z0-9]{2,8})+)*(-[xX](-[A-Za-z0-9]{1,8})+)?|[xX](-[A-Za-z0-9]{1,8})+)\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex LanguageTag();

    [GeneratedRegex(@"\A[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+([ \t]*;[\x20-\x7E\t]*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex MediaType();

    [GeneratedRegex(@"\AP(?=.)([0-9]+([.,][0-9]+)?W|([0-9]+([.,][0-9]+)?Y)?([0-9]+([.,][0-9]+)?M)?([0-9]+([.,][0-9]+)?D)?(T(?=.)([0-9]+([.,][0-9]+)?H)?([0-9]+([.,][0-9]+)?M)?([0-9]+([.,][0-9]+)?S)?)?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();

    [GeneratedRegex(@"([0-9]+)[.,]([0-9]+)S\z", RegexOptions.CultureInvariant)]
    private static partial Regex FineSeconds();

    [GeneratedRegex(@"\A(?<y>[0-9]{4})-(?<mo>[0-9][0-9])-(?<d>[0-9][0-9])[Tt ](?<h>[0-9][0-9]):(?<mi>[0-9][0-9]):(?<s>[0-9][0-9])(\.(?<f>[0-9]+))?([Zz]|(?<sign>[+-])(?<zh>[0-9][0-9]):(?<zm>[0-9][0-9]))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();

    [GeneratedRegex(@"\A(?<y>[0-9]{4})-?(?<mo>[0-9][0-9])-?(?<d>[0-9][0-9])[Tt](?<h>[0-9][0-9]):?(?<mi>[0-9][0-9])(:?(?<s>[0-9][0-9])([.,](?<f>[0-9]+))?)?([Zz]|(?<sign>[+-])(?<zh>[0-9][0-9])(:?(?<zm>[0-9][0-9]))?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Iso8601();
}
