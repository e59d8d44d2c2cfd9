namespace LearningLedger;

/// <summary>Decimals as they are shown.</summary>
internal static class PlainNumber
{
    /// <summary>
    /// The same value without trailing zeros, so that 0.80 read from the database and 0.8 read from a canonical form give the same bytes.
    /// </summary>
    public static decimal Of(decimal value) => value / 1.0000000000000000000000000000m;
}
