using LearningLedger.Xapi;

namespace LearningLedger.Service.Xapi;

/// <summary>What the protocol has found out of a request.</summary>
/// <param name="Version">The version it speaks.</param>
public sealed record XapiCall(XapiVersion Version);

/// <summary>Finds the <see cref="XapiCall"/> of a request.</summary>
public static class XapiCallFeature
{
    /// <summary>Set by <see cref="XapiProtocol"/> for every request below <see cref="XapiProtocol.Root"/>.</summary>
    public static XapiCall Xapi(this HttpContext context) => context.Features.Get<XapiCall>()!;
}
