using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Analytics;

/// <summary>The cohort a question compares with: parameter <c>with</c>.</summary>
internal static class OtherCohort
{
    /// <summary>It at the same point; null where none is named; the problem where it is not known.</summary>
    internal static async Task<(CohortAt? Cohort, IResult? Problem)> FindAsync(
        NpgsqlConnection connection, CohortAt at, Parameters parameters, CancellationToken cancellation)
    {
        if (parameters.Text("with") is not { } code)
        {
            return (null, null);
        }

        var other = await CohortQuestion.FindAsync(connection, at.Tenant, code, at.Sequence, at.MinimumCell, cancellation);
        return other is null ? (null, Problems.Of(404, "not-found", $"Cohort {code} is not known here, or was not open at that point.")) : (other, null);
    }
}
