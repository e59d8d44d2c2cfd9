using System.Net;
using System.Net.Http.Headers;
using LearningLedger.Service.Host;
using LearningLedger.Service.Pages;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Pages;

[Collection(DecisionCollection.Name)]
public class SessionTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Leads_whoever_is_not_signed_in_to_the_sign_in_and_back()
    {
        using var visitor = new PageVisitor(fixture);

        using var away = await visitor.Client.GetAsync("/learners?source=a");
        using var back = await visitor.SignInAsync(fixture.Bootstrap.ToString(), "/learners?source=a");

        Assert.Equal(HttpStatusCode.Found, away.StatusCode);
        Assert.Equal("/sign-in?return=%2Flearners%3Fsource%3Da", away.Headers.Location!.PathAndQuery);
        Assert.Equal("/learners?source=a", back.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example/")]
    public async Task Leads_to_no_other_site_after_the_sign_in(string elsewhere)
    {
        using var visitor = new PageVisitor(fixture);

        using var answer = await visitor.SignInAsync(fixture.Bootstrap.ToString(), elsewhere);

        Assert.Equal("/", answer.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("ll_nobody_0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("nonsense")]
    public async Task Refuses_a_key_that_is_none(string key)
    {
        using var visitor = new PageVisitor(fixture);

        using var answer = await visitor.SignInAsync(key);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("malformed, unknown or revoked", await answer.Content.ReadAsStringAsync());
        Assert.DoesNotContain(visitor.Cookies, c => c.Name == "ledger-session");
    }

    [Fact]
    public async Task The_cookie_is_closed_to_scripts_and_other_sites_and_shows_no_secret()
    {
        using var visitor = new PageVisitor(fixture);

        using var answer = await visitor.SignInAsync(fixture.Bootstrap.ToString());

        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), c => c.StartsWith("ledger-session=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(fixture.Bootstrap.Secret, cookie);
        Assert.DoesNotContain(Convert.ToHexStringLower(fixture.Bootstrap.SecretHash()), cookie);
    }

    [Fact]
    public async Task Ends_the_session_when_signed_out()
    {
        using var visitor = await PageVisitor.SignedInAsync(fixture, fixture.Bootstrap.ToString());

        using var answer = await visitor.SubmitAsync("/sign-out", "sign-out");

        Assert.Equal("/sign-in", answer.Headers.Location!.OriginalString);
        using var away = await visitor.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.Found, away.StatusCode);
    }

    [Fact]
    public async Task A_session_ends_with_its_key()
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        var key = await tenant.KeyAsync([Scopes.TranscriptsRead]);
        using var visitor = await PageVisitor.SignedInAsync(fixture, key);
        await visitor.TextAsync("/");

        using var admin = await tenant.ClientAsync(Scopes.Admin);
        using var revoked = await admin.DeleteAsync("/v1/keys/" + KeyText.Parse(key)!.Id);

        await revoked.ShouldBeAsync(HttpStatusCode.NoContent);
        using var answer = await visitor.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal("/sign-in", answer.Headers.Location!.AbsolutePath);
    }

    [Fact]
    public async Task The_api_takes_no_session_and_pages_take_no_header()
    {
        using var visitor = await PageVisitor.SignedInAsync(fixture, fixture.Bootstrap.ToString());
        using var program = new PageVisitor(fixture);
        program.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", fixture.Bootstrap.ToString());

        using var api = await visitor.Client.GetAsync("/v1/keys");
        using var page = await program.Client.GetAsync("/");

        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
        Assert.Equal(HttpStatusCode.Found, page.StatusCode);
    }

    [Fact]
    public async Task Refuses_a_form_without_the_token_of_its_page()
    {
        using var visitor = new PageVisitor(fixture);

        using var answer = await visitor.Client.PostAsync(
            "/sign-in", new FormUrlEncodedContent([new("_handler", "sign-in"), new("Key", fixture.Bootstrap.ToString())]));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.DoesNotContain(visitor.Cookies, c => c.Name == "ledger-session");
    }

    [Fact]
    public async Task Says_which_scope_a_page_takes()
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        using var visitor = await PageVisitor.SignedInAsync(fixture, await tenant.KeyAsync([Scopes.EventsWrite]));

        using var answer = await visitor.Client.GetAsync("/learners");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains(Scopes.TranscriptsRead, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Answers_people_with_a_page_and_programs_with_a_problem_where_nothing_lies()
    {
        using var visitor = new PageVisitor(fixture);
        using var asked = new HttpRequestMessage(HttpMethod.Get, "/nowhere") { Headers = { Accept = { new("text/html") } } };

        using var page = await visitor.Client.SendAsync(asked);
        using var problem = await visitor.Client.GetAsync("/nowhere");

        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Equal("application/problem+json", problem.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/nowhere")]
    public async Task Every_page_forbids_what_is_not_ours(string path)
    {
        using var visitor = new PageVisitor(fixture);
        using var asked = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Accept = { new("text/html") } } };

        using var answer = await visitor.Client.SendAsync(asked);

        Assert.Equal(PageHeaders.ContentSecurityPolicy, Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.DoesNotContain("unsafe", PageHeaders.ContentSecurityPolicy);
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task Only_their_owner_may_read_the_keys_of_sessions()
    {
        if (OperatingSystem.IsWindows()) return;
        using var visitor = await PageVisitor.SignedInAsync(fixture, fixture.Bootstrap.ToString());

        var files = Directory.GetFiles(Path.Combine(fixture.Ledger.Settings.DataDirectory, "keys", "session"));

        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }
}
