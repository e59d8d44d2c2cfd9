using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Extensions.Options;

namespace LearningLedger.Service.Host;

/// <summary>Authenticates by the Authorization header: Bearer with the whole key, or Basic with id and secret.</summary>
public sealed class KeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, KeyRing keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>Name of the scheme.</summary>
    public const string SchemeName = "LedgerKey";

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // Whoever asks whether the service lives must not wait for a database that is away, whatever key comes along.
        if (Context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return AuthenticateResult.NoResult();
        }

        string? header = Request.Headers.Authorization;
        if (string.IsNullOrEmpty(header))
        {
            return AuthenticateResult.NoResult();
        }

        if (Read(header) is not { } key || await keys.FindAsync(key, Context.RequestAborted) is not { } caller)
        {
            return AuthenticateResult.Fail("The key is malformed, unknown or revoked.");
        }

        Context.Features.Set(caller);
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, caller.KeyId)], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    /// <inheritdoc/>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = ApiDescription.IsForBrowsers(Request.Path) ? "Basic realm=\"LearningLedger: key id and secret\"" : "Bearer";
        var detail = Request.Headers.Authorization.Count == 0
            ? "Send a key: 'Authorization: Bearer ll_<id>_<secret>'."
            : "The key is malformed, unknown or revoked.";
        return Problems.Unauthenticated(detail).ExecuteAsync(Context);
    }

    private static KeyText? Read(string header)
    {
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return KeyText.Parse(header.AsSpan("Bearer ".Length).Trim());
        }

        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[256];
        return Convert.TryFromBase64String(header["Basic ".Length..].Trim(), bytes, out var length)
            && Encoding.UTF8.GetString(bytes[..length]).Split(':') is [var id, var secret]
                ? KeyText.Parse($"ll_{id}_{secret}")
                : null;
    }
}

/// <summary>The scope a key needs for a route.</summary>
/// <param name="scope">One of <see cref="Scopes"/>.</param>
/// <param name="others">Scopes of which each does as well.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
public sealed class RequiresScopeAttribute(string scope, params string[] others) : AuthorizeAttribute, IAuthorizationRequirement, IAuthorizationRequirementData
{
    /// <summary>The scope to ask for.</summary>
    public string Scope { get; } = scope;

    /// <summary>Whether a key holding <paramref name="held"/> may pass.</summary>
    public bool IsMetBy(IReadOnlySet<string> held) => Scopes.Allow(held, Scope) || others.Any(other => Scopes.Allow(held, other));

    /// <inheritdoc/>
    public IEnumerable<IAuthorizationRequirement> GetRequirements() => [this];
}

/// <summary>Compares the caller's scopes with the route's.</summary>
public sealed class ScopeAuthorization : AuthorizationHandler<RequiresScopeAttribute>
{
    /// <inheritdoc/>
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RequiresScopeAttribute requirement)
    {
        if (context.Resource is HttpContext http && http.Features.Get<Caller>() is { } caller && requirement.IsMetBy(caller.Scopes))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}

/// <summary>Answers a missing scope with a problem document that names it; a route with a scheme of its own answers as that scheme does.</summary>
public sealed class ScopeRefusal : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler standard = new();

    /// <inheritdoc/>
    public Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        var missing = authorizeResult.AuthorizationFailure?.FailedRequirements.OfType<RequiresScopeAttribute>().FirstOrDefault();
        return authorizeResult.Forbidden && missing is not null && policy.AuthenticationSchemes.Count == 0
            ? Problems.MissingScope(missing.Scope).ExecuteAsync(context)
            : standard.HandleAsync(next, context, policy, authorizeResult);
    }
}
