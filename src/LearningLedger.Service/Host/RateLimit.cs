using System.Globalization;
using System.Threading.RateLimiting;

namespace LearningLedger.Service.Host;

/// <summary>Requests per second and key, <c>Ledger__Limits__RequestsPerSecond</c>; beyond it 429 with Retry-After.</summary>
public static class RateLimit
{
    /// <summary>Adds the limiter; a limit of 0 leaves it off.</summary>
    public static void Add(IServiceCollection services, LimitSettings limits)
    {
        if (limits.RequestsPerSecond <= 0)
        {
            return;
        }

        services.AddRateLimiter(o =>
        {
            o.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => context.Features.Get<Caller>() is { } caller
                ? RateLimitPartition.GetTokenBucketLimiter(caller.KeyId, _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = limits.RequestsPerSecond,
                    TokensPerPeriod = limits.RequestsPerSecond,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                    QueueLimit = 0,
                })
                : RateLimitPartition.GetNoLimiter(""));
            o.OnRejected = async (rejected, _) => await Problems.Later(
                rejected.HttpContext, 429, string.Create(CultureInfo.InvariantCulture, $"This key may send {limits.RequestsPerSecond} requests a second."), seconds: 1)
                .ExecuteAsync(rejected.HttpContext);
        });
    }
}
