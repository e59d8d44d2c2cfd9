using System.Security.Claims;
using LearningLedger.Service.Host;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace LearningLedger.Service.Pages.Session;

/// <summary>The session of a person who signed in with a key: an encrypted cookie that names the key, honoured on pages only.</summary>
/// <remarks>
/// The cookie holds the key's id and the hash of its secret, never the secret. Each request looks the key up again, so a session
/// ends with its key and has whatever scopes the key has now.
/// </remarks>
public static class PageSession
{
    /// <summary>Name of the authentication scheme.</summary>
    public const string Scheme = "LedgerSession";

    /// <summary>Where one signs in.</summary>
    public const string SignInRoute = "/sign-in";

    /// <summary>Query parameter of <see cref="SignInRoute"/>: where to go afterwards.</summary>
    public const string ReturnParameter = "return";

    /// <summary>A working day; whoever comes back the next one signs in again.</summary>
    private static readonly TimeSpan Lasts = TimeSpan.FromHours(10);

    private const string SecretHash = "secret-hash";

    /// <summary>Adds the scheme, the keys that protect its cookie, and the tokens that protect its forms.</summary>
    public static void Add(IServiceCollection services, LedgerSettings settings)
    {
        services.AddDataProtection().SetApplicationName("LearningLedger");
        services.Configure<KeyManagementOptions>(o => o.XmlRepository = new SessionKeys(Path.GetFullPath(Path.Combine(settings.DataDirectory, "keys", "session"))));
        services.AddAntiforgery(o =>
        {
            o.Cookie.Name = "ledger-form";
            o.Cookie.SameSite = SameSiteMode.Strict;
            o.Cookie.HttpOnly = true;
            o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddAuthentication().AddCookie(Scheme, o =>
        {
            o.Cookie.Name = "ledger-session";
            o.Cookie.SameSite = SameSiteMode.Strict;
            o.Cookie.HttpOnly = true;
            o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            o.ExpireTimeSpan = Lasts;
            o.SlidingExpiration = false;
            o.LoginPath = SignInRoute;
            o.ReturnUrlParameter = ReturnParameter;
            o.Events.OnValidatePrincipal = ValidateAsync;
            o.Events.OnRedirectToAccessDenied = context => PageErrors.ShowAsync(
                context.HttpContext, 403,
                $"This page takes the scope {context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<RequiresScopeAttribute>()?.Scope}, which the key {context.HttpContext.Caller().KeyId} lacks.");
        });
    }

    /// <summary>Begins a session; false when the key is unknown, wrong or revoked.</summary>
    public static async Task<bool> BeginAsync(HttpContext context, string text)
    {
        if (KeyText.Parse(text.Trim()) is not { } key
            || await context.RequestServices.GetRequiredService<KeyRing>().FindAsync(key, context.RequestAborted) is not { } caller)
        {
            return false;
        }

        var identity = new ClaimsIdentity(
            [new Claim(ClaimTypes.NameIdentifier, caller.KeyId), new Claim(SecretHash, Convert.ToHexStringLower(key.SecretHash()))], Scheme);
        await context.SignInAsync(Scheme, new ClaimsPrincipal(identity));
        return true;
    }

    /// <summary>Ends the session of this browser.</summary>
    public static Task EndAsync(HttpContext context) => context.SignOutAsync(Scheme);

    /// <summary>A path of ours, or <c>/</c>: a link to the sign-in must not lead anywhere else afterwards.</summary>
    public static string Local(string? path) =>
        path is ['/', ..] and not ['/', '/' or '\\', ..] && !path.Any(char.IsControl) ? path : "/";

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var (id, hash) = (context.Principal?.FindFirstValue(ClaimTypes.NameIdentifier), context.Principal?.FindFirstValue(SecretHash));
        var keys = context.HttpContext.RequestServices.GetRequiredService<KeyRing>();
        if (id is null || hash is null || await keys.FindAsync(id, Convert.FromHexString(hash), context.HttpContext.RequestAborted) is not { } caller)
        {
            context.RejectPrincipal();
            await EndAsync(context.HttpContext);
            return;
        }

        context.HttpContext.Features.Set(caller);
    }
}
