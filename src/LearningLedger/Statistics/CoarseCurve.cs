namespace LearningLedger.Statistics;

/// <summary>Draws the points of a survival curve together until each tells of enough people.</summary>
public static class CoarseCurve
{
    /// <summary>
    /// The curve at fewer times: what happened since the time before is counted at the next one kept. To as many as <paramref name="minimum"/> it
    /// happened there, or to nobody, and likewise for those censored. Survival and band at the times kept are those of the whole curve.
    /// </summary>
    /// <returns>No points where not even all of them together tell of enough people.</returns>
    public static KaplanMeier Coarse(this KaplanMeier curve, int minimum)
    {
        var kept = new List<SurvivalPoint>();
        SurvivalPoint? open = null;
        foreach (var point in curve.Points)
        {
            open = open is null ? point : Joined(open, point);
            if (IsEnough(open.Happened, minimum) && IsEnough(open.Censored, minimum))
            {
                kept.Add(open);
                open = null;
            }
        }

        if (open is not null && kept.Count > 0)
        {
            kept[^1] = Joined(kept[^1], open);
        }

        return new KaplanMeier(kept);
    }

    private static bool IsEnough(int people, int minimum) => people == 0 || people >= minimum;

    private static SurvivalPoint Joined(SurvivalPoint first, SurvivalPoint next) =>
        next with { AtRisk = first.AtRisk, Happened = first.Happened + next.Happened, Censored = first.Censored + next.Censored };
}
