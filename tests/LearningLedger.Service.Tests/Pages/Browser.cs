using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using Microsoft.Playwright;

namespace LearningLedger.Service.Tests.Pages;

/// <summary>A test in a real browser; left out, with the remedy, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = Browser.Missing;
}

/// <inheritdoc cref="BrowserTheoryAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Browser.Missing;
}

/// <summary>Chromium, and an organisation with something on every page.</summary>
public sealed class Browser : IAsyncLifetime
{
    internal const string Cohort = "spring";

    internal const string OtherCohort = "autumn";

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly LedgerFixture _fixture = new();
    private IPlaywright? _playwright;


    /// <summary>Why there is no browser; null when there is one.</summary>
    internal static string? Missing { get; } = Program is null ? "No Chromium on this machine; on Debian: apt-get install chromium fonts-liberation" : null;

    /// <summary>Cookies of somebody who is signed in.</summary>
    internal string Session { get; private set; } = "";

    internal IBrowser Chromium { get; private set; } = null!;

    internal Classroom Room { get; private set; } = null!;

    internal HttpClient Analyst { get; private set; } = null!;

    internal Guid Learner { get; private set; }

    internal Guid Evidence { get; private set; }

    internal string Url => _fixture.Ledger.Url;

    private static string? Program => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    public async Task InitializeAsync()
    {
        if (Missing is not null) return;
        await _fixture.InitializeAsync();
        await FillAsync();
        _playwright = await Playwright.CreateAsync();
        Chromium = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = Flags, Headless = true });
        await SignInAsync();
    }

    public async Task DisposeAsync()
    {
        if (Missing is not null) return;
        if (Chromium is not null) await Chromium.DisposeAsync();
        _playwright?.Dispose();
        Room?.Dispose();
        await _fixture.DisposeAsync();
    }

    /// <summary>A window of somebody who is signed in.</summary>
    internal async Task<BrowserWindow> OpenAsync(int width = 1280, ColorScheme colours = ColorScheme.Light) => await BrowserWindow.OpenAsync(await Chromium.NewContextAsync(new()
    {
        BaseURL = Url,
        ViewportSize = new() { Width = width, Height = 900 },
        ColorScheme = colours,
        StorageState = Session,
    }));

    private async Task FillAsync()
    {
        Room = await Classroom.OpenAsync(_fixture);
        Analyst = await Room.Tenant.ClientAsync(Scopes.AnalyticsRead);
        using var least = await Room.Admin.PutAsync("/v1/analytics/minimum-cell", LedgerFixture.Json("""{"minimum":1}"""));
        await least.ShouldBeAsync(System.Net.HttpStatusCode.OK);
        foreach (var (code, name) in new[] { (Cohort, "Spring"), (OtherCohort, "Autumn") })
        {
            using var opened = await Room.Admin.PostAsync("/v1/cohorts", LedgerFixture.Json($$"""{"code":"{{code}}","name":"{{name}}","framework":"small"}"""));
            await opened.ShouldBeAsync(System.Net.HttpStatusCode.Created);
        }

        (Learner, _, var gamma) = await Room.WithPeakAsync("ada");
        using var voided = await Classroom.VoidAsync(Room.Board, Learner, gamma);
        await voided.ShouldBeAsync(System.Net.HttpStatusCode.OK);
        await Room.WithBaseAsync("bob");
        await Room.AttemptAsync("cy", "alpha", 0.4);
        Evidence = Guid.NewGuid();
        await Tenant.PostAsync(
            Room.Platform,
            [.. new[] { "ada", "bob", "cy" }.Select(s => Tenant.Event("join-" + s, s, "cohort.joined", $$"""{"cohort":"{{Cohort}}"}""", "2026-01-01T09:00:00Z")),
             .. new[] { "bob", "cy", "dot" }.Select(s => Tenant.Event("other-" + s, s, "cohort.joined", $$"""{"cohort":"{{OtherCohort}}"}""", "2026-01-01T09:00:00Z")),
             Tenant.Evidence("open", "ada", Evidence, "\"beta\"")]);
        await Expectations.EventuallyAsync(
            async () => (await Analyst.GetStringAsync($"/v1/cohorts/{Cohort}/analytics/funnel")).Contains("\"members\":3", StringComparison.Ordinal), "three members");
    }

    private async Task SignInAsync()
    {
        var key = await Room.Tenant.KeyAsync([.. Scopes.All], person: "viewer");
        await using var context = await Chromium.NewContextAsync(new() { BaseURL = Url });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/");
        await page.GetByLabel("Key").FillAsync(key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Room.Tenant.Name);
        Session = await context.StorageStateAsync();
    }
}

/// <summary>A window, and everything that went wrong in it.</summary>
internal sealed class BrowserWindow : IAsyncDisposable
{
    private readonly IBrowserContext _context;

    private BrowserWindow(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    internal IPage Page { get; }

    /// <summary>Errors on the console, breaches of the content policy among them, and requests to anybody else.</summary>
    internal List<string> Complaints { get; } = [];

    internal static async Task<BrowserWindow> OpenAsync(IBrowserContext context)
    {
        var window = new BrowserWindow(context, await context.NewPageAsync());
        window.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") window.Complaints.Add($"{message.Type}: {message.Text}");
        };
        window.Page.PageError += (_, error) => window.Complaints.Add("script: " + error);
        window.Page.RequestFailed += (_, request) => window.Complaints.Add($"failed: {request.Url}");
        return window;
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
