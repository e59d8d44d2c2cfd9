using LearningLedger.Xapi;
using Microsoft.AspNetCore.Authorization;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi;

/// <summary>Which versions are spoken here.</summary>
public static class AboutEndpoint
{
    /// <summary>The versions, oldest first. Asks for no version and, as the specification wants it, for no key: it says nothing of what is stored.</summary>
    [WolverineGet(XapiProtocol.Root + "/about"), AllowAnonymous]
    public static IResult Get(HttpContext context) =>
        new Parameters(context).Problem ?? Results.Json(new { version = XapiVersions.Spoken }, LedgerJson.Options);
}
