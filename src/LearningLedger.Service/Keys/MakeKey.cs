using System.Text.RegularExpressions;
using LearningLedger.Service.Host;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Keys;

/// <summary>A key to make.</summary>
/// <param name="Name">For people; 1 to 100 characters.</param>
/// <param name="Scopes">What it may do; at least one.</param>
/// <param name="Person">Code of the person whose key it is: keys of one person are one actor.</param>
/// <param name="Sources">Platform URIs it may post for; absent: any.</param>
/// <param name="Tenant">The tenant; absent: the caller's own. Only the bootstrap key may name another; it is made when it does not exist.</param>
public sealed record MakeKey(
    string? Name, IReadOnlyList<string>? Scopes, string? Person = null, IReadOnlyList<string>? Sources = null, string? Tenant = null);

/// <summary>The new key, shown this once.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">The whole key.</param>
public sealed record MadeKey(string Id, string Key);

/// <summary>Admins make keys.</summary>
public static partial class MakeKeyEndpoint
{
    /// <summary>Makes a key: 201; 403 another tenant, 422.</summary>
    [WolverinePost("/v1/keys"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Post(HttpContext context, KeyRing keys, NpgsqlDataSource database, LedgerSettings settings, CancellationToken cancellation)
    {
        var (command, problem) = await CommandBody.ReadAsync<MakeKey>(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (Faults(command!) is { Count: > 0 } faults)
        {
            return Problems.Unprocessable(faults);
        }

        var caller = context.Caller();
        var tenant = command!.Tenant ?? caller.Tenant;
        if (tenant != caller.Tenant)
        {
            if (!caller.Bootstrap)
            {
                return Problems.Forbidden("other-tenant", "Only the bootstrap key may make keys for another tenant.");
            }

            await using var make = database.CreateCommand("insert into registry.tenant (tenant) values ($1) on conflict do nothing");
            make.Parameters.Add(new() { Value = tenant });
            await make.ExecuteNonQueryAsync(cancellation);
        }

        var key = KeyText.Make();
        await keys.AddAsync(
            key, new Caller(key.Id, tenant, command.Scopes!.ToHashSet(), command.Person, command.Sources, Bootstrap: false), command.Name!, caller.Actor, cancellation);
        context.Response.Headers.Location = $"/v1/keys/{key.Id}";
        return Results.Json(new MadeKey(key.Id, key.ToString()), LedgerJson.Options, statusCode: 201);
    }

    private static List<Problems.Fault> Faults(MakeKey command)
    {
        var faults = new List<Problems.Fault>();
        if (command.Name is not { Length: > 0 and <= 100 })
        {
            faults.Add(new(null, "name", "is required, 1 to 100 characters."));
        }

        if (command.Scopes is not { Count: > 0 })
        {
            faults.Add(new(null, "scopes", $"is required: one or more of {string.Join(", ", Scopes.All.Order(StringComparer.Ordinal))}."));
        }
        else
        {
            faults.AddRange(command.Scopes.Where(s => s is null || !Scopes.All.Contains(s)).Select(s =>
                new Problems.Fault(null, "scopes", $"'{s}' is not a scope; they are {string.Join(", ", Scopes.All.Order(StringComparer.Ordinal))}.")));
        }

        if (command.Person is not null && !Code().IsMatch(command.Person))
        {
            faults.Add(new(null, "person", "must be a code: 1 to 63 of a-z, 0-9 and '-', never a person's name."));
        }

        if (command.Sources is not null && (command.Sources.Count == 0 || command.Sources.Any(s => string.IsNullOrEmpty(s) || s.Length > Limits.Uri)))
        {
            faults.Add(new(null, "sources", "must be a list of one or more URIs, or absent."));
        }

        if (command.Tenant is not null && !Code().IsMatch(command.Tenant))
        {
            faults.Add(new(null, "tenant", "must be 1 to 63 of a-z, 0-9 and '-', beginning with a letter or digit."));
        }

        return faults;
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Code();
}
