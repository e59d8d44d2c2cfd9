using System.Text.RegularExpressions;

namespace LearningLedger.Xapi;

/// <summary>A version of the specification, whose rules differ.</summary>
public enum XapiVersion
{
    /// <summary>1.0.3, which answers every request for 1.0.x.</summary>
    One,

    /// <summary>2.0.0 (IEEE 9274.1.1), which answers every request for 2.0.x.</summary>
    Two,
}

/// <summary>Versions as text.</summary>
public static partial class XapiVersions
{
    /// <summary>The latest patch of each version spoken here, as <c>about</c> lists them.</summary>
    public static IReadOnlyList<string> Spoken { get; } = ["1.0.3", "2.0.0"];

    /// <summary>As the header <c>X-Experience-API-Version</c> says it.</summary>
    public static string Text(this XapiVersion version) => version == XapiVersion.One ? "1.0.3" : "2.0.0";

    /// <summary>What a request's header asks for; null when it is none of 1.0, 1.0.x, 2.0 and 2.0.x.</summary>
    public static XapiVersion? Parse(string? header) => header switch
    {
        null => null,
        _ when OnePattern().IsMatch(header) => XapiVersion.One,
        _ when TwoPattern().IsMatch(header) => XapiVersion.Two,
        _ => null,
    };

    /// <summary>Whether a statement may say it is of this version; 2.0 stores takes statements made for 1.0 too.</summary>
    internal static bool MayBe(this XapiVersion version, string statementVersion) =>
        OnePattern().IsMatch(statementVersion) || (version == XapiVersion.Two && TwoPattern().IsMatch(statementVersion));

    /// <summary>The version of a statement that names none.</summary>
    internal static string OfStatement(this XapiVersion version) => version == XapiVersion.One ? "1.0.0" : "2.0.0";

    [GeneratedRegex(@"\A1\.0(\.(0|[1-9]\d{0,5}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex OnePattern();

    [GeneratedRegex(@"\A2\.0(\.(0|[1-9]\d{0,5}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex TwoPattern();
}
