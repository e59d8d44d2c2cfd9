using System.Text.Json;

namespace LearningLedger.Mappings;

/// <summary>The scaled score, 0 to 1, that a statement's result gives.</summary>
public static class StatementScore
{
    /// <summary>Decimals of a score: as many digits as every double keeps.</summary>
    public const int Decimals = 15;

    /// <summary>
    /// <c>scaled</c>, where what lies below 0 is 0; else (<c>raw</c> - <c>min</c>) / (<c>max</c> - <c>min</c>), <c>min</c> being 0 unless given. Cut to
    /// <see cref="Decimals"/>, so that nobody passes by rounding.
    /// </summary>
    /// <param name="statement">A valid statement.</param>
    /// <returns>Null: it gives none.</returns>
    public static decimal? Of(JsonElement statement)
    {
        if (!statement.TryGetProperty("result", out var result) || !result.TryGetProperty("score", out var score))
        {
            return null;
        }

        if (score.TryGetProperty("scaled", out _))
        {
            return Number(score, "scaled") is { } scaled ? Cut(scaled) : null;
        }

        var min = score.TryGetProperty("min", out _) ? Number(score, "min") : 0;
        if (Number(score, "raw") is not { } raw || Number(score, "max") is not { } max || min is null || max <= min)
        {
            return null;
        }

        try
        {
            return Cut((raw - min.Value) / (max - min.Value));
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static decimal Cut(decimal score) => decimal.Round(Math.Clamp(score, 0, 1), Decimals, MidpointRounding.ToZero);

    private static decimal? Number(JsonElement score, string name) =>
        score.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) ? number : null;
}
