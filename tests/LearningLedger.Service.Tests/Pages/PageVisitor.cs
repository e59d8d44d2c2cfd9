using System.Net;
using System.Text.RegularExpressions;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Pages;

/// <summary>Somebody who looks at pages, as a browser without script would: with cookies, forms and their tokens.</summary>
internal sealed partial class PageVisitor : IDisposable
{
    private readonly HttpClientHandler _handler = new() { AllowAutoRedirect = false, CookieContainer = new CookieContainer() };

    internal PageVisitor(LedgerFixture fixture) => Client = new HttpClient(_handler) { BaseAddress = new Uri(fixture.Ledger.Url) };

    internal HttpClient Client { get; }

    internal IEnumerable<Cookie> Cookies => _handler.CookieContainer.GetAllCookies();

    /// <summary>Somebody who has signed in with a key.</summary>
    internal static async Task<PageVisitor> SignedInAsync(LedgerFixture fixture, string key)
    {
        var visitor = new PageVisitor(fixture);
        using var answer = await visitor.SignInAsync(key);
        await answer.ShouldBeAsync(HttpStatusCode.Found);
        return visitor;
    }

    internal Task<HttpResponseMessage> SignInAsync(string key, string? returnTo = null) =>
        SubmitAsync(returnTo is null ? "/sign-in" : "/sign-in?return=" + Uri.EscapeDataString(returnTo), "sign-in", ("Key", key));

    /// <summary>Loads the page a form is on and sends the form.</summary>
    internal async Task<HttpResponseMessage> SubmitAsync(string path, string form, params (string Name, string Value)[] fields)
    {
        var token = Token().Match(await TextAsync(path)).Groups[1].Value;
        return await Client.PostAsync(path, new FormUrlEncodedContent(
            [new("_handler", form), new("__RequestVerificationToken", token), .. fields.Select(f => new KeyValuePair<string, string>(f.Name, f.Value))]));
    }

    /// <summary>The HTML of a page that must be there.</summary>
    internal async Task<string> TextAsync(string path)
    {
        using var answer = await Client.GetAsync(path);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>What of a page a reader sees, white space drawn together.</summary>
    internal async Task<string> WordsAsync(string path) => Words(await TextAsync(path));

    internal static string Words(string html) => Space().Replace(WebUtility.HtmlDecode(Tag().Replace(html, " ")), " ");

    public void Dispose()
    {
        Client.Dispose();
        _handler.Dispose();
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
