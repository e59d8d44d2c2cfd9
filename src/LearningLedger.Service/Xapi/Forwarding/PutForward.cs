using System.Text;
using LearningLedger.Frameworks;
using LearningLedger.Service.Host;
using LearningLedger.Tables;
using LearningLedger.Xapi;
using Npgsql;
using NpgsqlTypes;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi.Forwarding;

/// <summary>A store that statements are sent on to.</summary>
/// <param name="Url">Its xAPI endpoint, https; <c>/statements</c> is appended.</param>
/// <param name="User">Name there, for Basic authentication.</param>
/// <param name="Secret">Password there. May be left out where one is known and the address stays.</param>
/// <param name="Version">1.0.3 or 2.0.0; absent: 2.0.0.</param>
/// <param name="Verbs">IRIs of verbs to send; absent: all. Statements that void others always go.</param>
/// <param name="Activities">IRIs of activities to send, <c>*</c> at the end for any rest; absent: all.</param>
/// <param name="From">Where to begin: <c>start</c>, <c>now</c>, or the time from which on statements were stored; absent: where it is, a new one now.</param>
/// <param name="Paused">Whether to send nothing for the time being.</param>
public sealed record PutForward(
    string? Url, string? User, string? Secret = null, string? Version = null, IReadOnlyList<string>? Verbs = null, IReadOnlyList<string>? Activities = null,
    string? From = null, bool Paused = false);

/// <summary>Admins say where statements are sent on to.</summary>
public static class PutForwardEndpoint
{
    private const int MostEntries = 100;

    /// <summary>Makes it: 201, or changes it: 200. 422 with every fault.</summary>
    [WolverinePut("/v1/forwards/{code}"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Put(
        string code, HttpContext context, NpgsqlDataSource database, TenantKeys keys, LedgerSettings settings, CancellationToken cancellation)
    {
        var (command, problem) = await CommandBody.ReadAsync<PutForward>(context, settings, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (Faults(code, command!, settings) is { Count: > 0 } faults)
        {
            return Problems.Unprocessable(faults);
        }

        var caller = context.Caller();
        var key = await keys.OfAsync(caller.Tenant, cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var put = new NpgsqlCommand(
            """
            insert into xapi.forward as f (tenant, code, url, version, user_name, secret, verbs, activities, paused, sent_stored, sent_id, changed_by)
              select $1, $2, $3, $4, $5, coalesce($6, k.secret), $7, $8, $9, coalesce($10, clock_timestamp()), '00000000-0000-0000-0000-000000000000', $11
                from (select 1) one left join xapi.forward k on k.tenant = $1 and k.code = $2 and k.url = $3
                where $6 is not null or k.secret is not null
              on conflict (tenant, code) do update set url = $3, version = $4, user_name = $5, secret = excluded.secret, verbs = $7, activities = $8, paused = $9,
                sent_stored = coalesce($10, f.sent_stored), sent_id = case when $10 is null then f.sent_id else excluded.sent_id end, changed_by = $11,
                generation = f.generation + 1, failures = 0, breaks = 0, problem = null, next_try = clock_timestamp()
              returning generation
            """,
            connection);
        Add(caller.Tenant, NpgsqlDbType.Text);
        Add(code, NpgsqlDbType.Text);
        Add(command!.Url, NpgsqlDbType.Text);
        Add(command.Version ?? "2.0.0", NpgsqlDbType.Text);
        Add(command.User, NpgsqlDbType.Text);
        Add(command.Secret is { } secret ? Vault.SealBeside(key.Key, Forward.SealName(code), Encoding.UTF8.GetBytes(secret)) : null, NpgsqlDbType.Bytea);
        Add(command.Verbs?.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        Add(command.Activities?.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        Add(command.Paused, NpgsqlDbType.Boolean);
        Add(command.From is null or "now" ? command.From is null ? null : await ForwardPosition.NowAsync(connection, cancellation) : ForwardPosition.Read(command.From), NpgsqlDbType.TimestampTz);
        Add(caller.Actor, NpgsqlDbType.Text);
        if (await put.ExecuteScalarAsync(cancellation) is not int generation)
        {
            return Problems.Unprocessable("secret", "is required: none is known for this address. A password is never sent to another address than the one it was given for.");
        }

        context.Response.Headers.Location = $"/v1/forwards/{code}";
        var view = await ForwardView.ReadAsync(connection, caller.Tenant, code, cancellation);
        return Results.Json(view[0], LedgerJson.Options, statusCode: generation == 1 ? 201 : 200);

        void Add(object? value, NpgsqlDbType type) => put.Parameters.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = type });
    }

    private static List<Problems.Fault> Faults(string code, PutForward command, LedgerSettings settings)
    {
        var faults = new List<Problems.Fault>();
        void Fault(string field, string message) => faults.Add(new(null, field, message));
        if (!Slug.IsValid(code))
        {
            Fault("code", "in the address must be a code: a-z, 0-9 and single hyphens.");
        }

        if (command.Url is not { Length: > 0 and <= Limits.Uri } text || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.UserInfo.Length > 0 || url.Query.Length > 0
            || url.Fragment.Length > 0 || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && settings.Xapi.ForwardToPrivate)))
        {
            Fault("url", settings.Xapi.ForwardToPrivate
                ? "must be an http or https URL without user, query and fragment."
                : "must be an https URL without user, query and fragment.");
        }

        if (command.User is not { Length: > 0 and <= 200 } user || user.Contains(':', StringComparison.Ordinal) || user.Any(char.IsControl))
        {
            Fault("user", "is required: 1 to 200 characters without a colon.");
        }

        if (command.Secret is { } secret && (secret.Length is 0 or > 1_000 || secret.Any(char.IsControl)))
        {
            Fault("secret", "must be 1 to 1,000 characters.");
        }

        if (command.Version is not (null or "1.0.3" or "2.0.0"))
        {
            Fault("version", "must be 1.0.3 or 2.0.0.");
        }

        Iris("verbs", command.Verbs, isPattern: false);
        Iris("activities", command.Activities, isPattern: true);
        if (command.From is { } from && from != "now" && ForwardPosition.Read(from) is null)
        {
            Fault("from", ForwardPosition.Rule);
        }

        return faults;

        void Iris(string field, IReadOnlyList<string>? iris, bool isPattern)
        {
            if (iris is { Count: 0 or > MostEntries })
            {
                Fault(field, $"must have 1 to {MostEntries} entries, or be left out.");
            }

            for (var i = 0; i < iris?.Count; i++)
            {
                if (iris[i] is not { } iri || !XapiText.IsIri(isPattern && iri.EndsWith('*') ? iri[..^1] + "x" : iri))
                {
                    Fault($"{field}[{i}]", "must be an absolute IRI.");
                }
            }
        }
    }
}
