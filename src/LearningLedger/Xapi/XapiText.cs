using System.Globalization;
using System.Text.RegularExpressions;

namespace LearningLedger.Xapi;

/// <summary>The text forms xAPI builds on.</summary>
public static partial class XapiText
{
    /// <summary>Whether it is an absolute IRI (RFC 3987): a scheme, a colon, and neither white space nor quotes after it.</summary>
    public static bool IsIri(string text) => text.Length <= 8_192 && Iri().IsMatch(text);

    /// <summary>Whether it is an address as <c>mbox</c> wants it.</summary>
    public static bool IsMailbox(string text) => text.Length <= 400 && Mailbox().IsMatch(text);

    /// <summary>Whether it is the SHA-1 of such an address in hex.</summary>
    public static bool IsSha1(string text) => text.Length == 40 && text.All(char.IsAsciiHexDigit);

    /// <summary>Whether it is a SHA-2 hash in hex: 224, 256, 384 or 512 bits.</summary>
    public static bool IsSha2(string text) => text.Length is 56 or 64 or 96 or 128 && text.All(char.IsAsciiHexDigit);

    /// <summary>Whether it is a language tag (RFC 5646, section 2.1, with the irregular ones left out).</summary>
    public static bool IsLanguageTag(string text) => text.Length <= 80 && LanguageTag().IsMatch(text);

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
        time = default;
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

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9+.-]*:[^\s<>""{}|\\^`]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Iri();

    [GeneratedRegex(@"\Amailto:[^\s@<>:,;]+@[^\s@<>:,;/]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Mailbox();

    [GeneratedRegex(
        @"\A(([A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}|[A-Za-z]{4}|[A-Za-z]{5,8})(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?(-([A-Za-z0-9]{5,8}|\d[A-Za-z0-9]{3}))*(-[0-9A-WY-Za-wy-z](-[A-Za-z0-9]{2,8})+)*(-[xX](-[A-Za-z0-9]{1,8})+)?|[xX](-[A-Za-z0-9]{1,8})+)\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex LanguageTag();

    [GeneratedRegex(@"\A[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+([ \t]*;[\x20-\x7E\t]*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex MediaType();

    [GeneratedRegex(@"\AP(?=.)(\d+([.,]\d+)?W|(\d+([.,]\d+)?Y)?(\d+([.,]\d+)?M)?(\d+([.,]\d+)?D)?(T(?=.)(\d+([.,]\d+)?H)?(\d+([.,]\d+)?M)?(\d+([.,]\d+)?S)?)?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();

    [GeneratedRegex(@"(\d+)[.,](\d+)S\z", RegexOptions.CultureInvariant)]
    private static partial Regex FineSeconds();

    [GeneratedRegex(@"\A(?<y>\d{4})-(?<mo>\d\d)-(?<d>\d\d)[Tt ](?<h>\d\d):(?<mi>\d\d):(?<s>\d\d)(\.(?<f>\d+))?([Zz]|(?<sign>[+-])(?<zh>\d\d):(?<zm>\d\d))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();

    [GeneratedRegex(@"\A(?<y>\d{4})-?(?<mo>\d\d)-?(?<d>\d\d)[Tt](?<h>\d\d):?(?<mi>\d\d)(:?(?<s>\d\d)([.,](?<f>\d+))?)?([Zz]|(?<sign>[+-])(?<zh>\d\d)(:?(?<zm>\d\d))?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Iso8601();
}
