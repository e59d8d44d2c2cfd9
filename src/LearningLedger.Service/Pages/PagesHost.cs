using LearningLedger.Service.Host;
using LearningLedger.Service.Pages.Learners;
using LearningLedger.Service.Pages.Session;
using Microsoft.AspNetCore.Authorization;

namespace LearningLedger.Service.Pages;

/// <summary>Puts the pages into the service: rendered on the server, working without script, open to the session cookie and to nothing else.</summary>
public static class PagesHost
{
    /// <summary>What the pages need.</summary>
    public static void Add(IServiceCollection services, LedgerSettings settings)
    {
        services.AddRazorComponents();
        services.AddSingleton<OwnApi>();
        PageSession.Add(services, settings);
    }

    /// <summary>What every answer of a page passes on its way out.</summary>
    public static void Use(WebApplication app)
    {
        app.UseMiddleware<PageHeaders>();
        app.UseMiddleware<PageErrors>();
    }

    /// <summary>The routes. Called after authentication and authorization are in place.</summary>
    public static void Map(WebApplication app)
    {
        app.UseAntiforgery();
        PageAssets.Map(app);
        ProofDownload.Map(app);
        app.MapRazorComponents<App>().RequireAuthorization(
            new AuthorizationPolicyBuilder(PageSession.Scheme).RequireAuthenticatedUser().Build());
    }

    /// <summary>Lets the pages ask the API. Called when every route is mapped.</summary>
    public static void Open(WebApplication app) => OwnApi.Open(app);
}
