namespace LearningLedger.Service.Host;

/// <summary>Who asks: a key, its tenant and what it may do.</summary>
/// <param name="KeyId">Id of the key.</param>
/// <param name="Tenant">The one tenant it belongs to.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Person">Code of the person whose key it is, or null.</param>
/// <param name="Sources">Platform URIs it may post for; null: any.</param>
/// <param name="Bootstrap">Whether it is the operator's key, which alone may make tenants.</param>
public sealed record Caller(
    string KeyId, string Tenant, IReadOnlySet<string> Scopes, string? Person, IReadOnlyList<string>? Sources, bool Bootstrap)
{
    /// <summary>Keys of one person are one actor; a key without a person is its own.</summary>
    public string Actor { get; } = Person is null ? "key:" + KeyId : "person:" + Person;
}

/// <summary>Finds the <see cref="Caller"/> of a request.</summary>
public static class CallerFeature
{
    /// <summary>The authenticated caller.</summary>
    /// <exception cref="InvalidOperationException">The route is open to everyone.</exception>
    public static Caller Caller(this HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("This route is open to everyone; it has no caller.");
}
