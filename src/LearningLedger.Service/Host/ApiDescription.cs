using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace LearningLedger.Service.Host;

/// <summary>What the OpenAPI document says beyond what the routes say themselves.</summary>
public static class ApiDescription
{
    /// <summary>Where the OpenAPI document lies.</summary>
    public const string DocumentRoute = "/openapi/{documentName}.json";

    /// <summary>Where people read it.</summary>
    public const string PageRoute = "/docs";

    /// <summary>Whether a path is one a person opens in a browser, which can ask for a key only as Basic does: id as user, secret as password.</summary>
    public static bool IsForBrowsers(PathString path) => path.StartsWithSegments(PageRoute) || path.StartsWithSegments("/openapi");

    /// <summary>Adds title, licence and the way keys are sent.</summary>
    public static void Configure(OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info = new OpenApiInfo
        {
            Title = "LearningLedger",
            Version = typeof(ApiDescription).Assembly.GetName().Version!.ToString(3),
            Description = "An event-sourced learning record service. Errors are RFC 9457 problem documents that name the field at fault.",
            License = new OpenApiLicense { Name = "Apache-2.0" },
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes["key"] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "A key ll_<id>_<secret>.",
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
        return Task.CompletedTask;
    });
}
