using System.Globalization;
using System.Text.Json.Nodes;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace LearningLedger.Service.Tests.Pages;

/// <summary>The pages in a real browser.</summary>
public class BrowserTests(Browser browser) : IClassFixture<Browser>
{
    private static readonly string[] Grave = ["serious", "critical"];

    /// <summary>Every page, by what it is; {learner} and {evidence} stand for those of the fixture.</summary>
    public static TheoryData<string, int, ColorScheme> Views()
    {
        var views = new TheoryData<string, int, ColorScheme>();
        foreach (var path in new[]
        {
            "/", "/cohorts", "/cohorts/" + Browser.Cohort, "/cohorts/" + Browser.Cohort + "/attention", "/cohorts/" + Browser.Cohort + "/assessors",
            "/cohorts/" + Browser.Cohort + "/compare", "/cohorts/" + Browser.Cohort + "/compare?with=" + Browser.OtherCohort, "/learners", "/learners/{learner}", "/learners/{learner}/print", "/frameworks", "/frameworks/small", "/assess",
            "/assess/{learner}/{evidence}", "/audit", "/keys", "/sign-in", "/sign-out",
        })
        {
            views.Add(path, 1280, ColorScheme.Light);
            views.Add(path, 390, ColorScheme.Dark);
        }

        return views;
    }

    [BrowserTheory]
    [MemberData(nameof(Views))]
    public async Task Every_page_is_quiet_fits_and_is_open_to_everybody(string path, int width, ColorScheme colours)
    {
        await using var window = await browser.OpenAsync(width, colours);

        var answer = await window.Page.GotoAsync(Path(path));
        await window.Page.EvaluateAsync("for (const d of document.querySelectorAll('details')) d.open = true");
        var wide = await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        var axe = await window.Page.RunAxe();
        if (Environment.GetEnvironmentVariable("LEDGER_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await window.Page.ScreenshotAsync(new() { FullPage = true, Path = System.IO.Path.Combine(folder, $"{path.Trim('/').Replace('/', '_').Replace('?', '_')}-{width}.png") });
        }

        Assert.Equal(200, answer!.Status);
        Assert.True(wide <= 0, $"The page is {wide} pixels wider than the window.");
        Assert.Empty(axe.Violations.Where(v => Grave.Contains(v.Impact)).Select(Told));
        Assert.Empty(window.Complaints);
    }

    [BrowserFact]
    public async Task The_funnel_shows_the_numbers_of_the_api()
    {
        await using var window = await browser.OpenAsync();
        var api = JsonNode.Parse(await browser.Analyst.GetStringAsync($"/v1/cohorts/{Browser.Cohort}/analytics/funnel"))!;

        await window.Page.GotoAsync($"/cohorts/{Browser.Cohort}?asOf=seq:{api["sequence"]}");

        foreach (var step in api["milestones"]!.AsArray())
        {
            var cells = await window.Page.Locator($"#funnel-table tr[data-milestone={step!["milestone"]}] td.num").AllInnerTextsAsync();
            Assert.Equal(
                new[] { "members", "entered", "inProgress", "awarded", "suspended", "revoked", "expired" }.Select(n => step[n]!.ToString()), cells.Select(c => c.Trim()));
        }
    }

    [BrowserFact]
    public async Task The_skills_show_the_numbers_of_the_api()
    {
        await using var window = await browser.OpenAsync();
        var api = JsonNode.Parse(await browser.Analyst.GetStringAsync($"/v1/cohorts/{Browser.Cohort}/analytics/skills"))!;

        await window.Page.GotoAsync($"/cohorts/{Browser.Cohort}?asOf=seq:{api["sequence"]}");

        foreach (var skill in api["skills"]!.AsArray())
        {
            var cells = await window.Page.Locator($"#skills-table tr[data-skill={skill!["skill"]}] td.num").AllInnerTextsAsync();
            var rate = skill["passRate"] is { } share ? (100 * (decimal)share).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "–";
            Assert.Equal([skill["attempts"]!.ToString(), skill["learners"]!.ToString(), rate], cells.Take(3).Select(c => c.Trim()));
        }
    }

    [BrowserFact]
    public async Task Who_needs_attention_and_the_assessors_show_the_numbers_of_the_api()
    {
        await using var window = await browser.OpenAsync();
        var expiring = JsonNode.Parse(await browser.Analyst.GetStringAsync($"/v1/cohorts/{Browser.Cohort}/analytics/expiring"))!;
        var stuck = JsonNode.Parse(await browser.Analyst.GetStringAsync($"/v1/cohorts/{Browser.Cohort}/analytics/stuck?asOf=seq:{expiring["sequence"]}"))!;
        var assessors = JsonNode.Parse(await browser.Analyst.GetStringAsync($"/v1/cohorts/{Browser.Cohort}/analytics/assessors?asOf=seq:{expiring["sequence"]}"))!;

        await window.Page.GotoAsync($"/cohorts/{Browser.Cohort}/attention?asOf=seq:{expiring["sequence"]}");
        var blocked = await window.Page.Locator("#blocked-table td.num").AllInnerTextsAsync();
        var ending = await window.Page.Locator("#expiring-table td.num").AllInnerTextsAsync();
        await window.Page.GotoAsync($"/cohorts/{Browser.Cohort}/assessors?asOf=seq:{expiring["sequence"]}");

        Assert.Equal(stuck["blocked"]!.AsArray().Select(b => b!["learners"]!.ToString()), blocked.Select(c => c.Trim()));
        Assert.Equal(expiring["milestones"]!.AsArray().Select(m => m!["awards"]!.ToString()), ending.Select(c => c.Trim()));
        Assert.NotEmpty(assessors["assessors"]!.AsArray());
        foreach (var assessor in assessors["assessors"]!.AsArray())
        {
            var cells = await window.Page.Locator($"#assessors-table tr[data-assessor='{assessor!["assessor"]}'] td.num").AllInnerTextsAsync();
            Assert.Equal([assessor["reviews"]!.ToString(), assessor["learners"]!.ToString()], cells.Take(2).Select(c => c.Trim()));
        }
    }

    [BrowserFact]
    public async Task The_curve_shows_the_numbers_of_the_api()
    {
        await using var window = await browser.OpenAsync();
        var api = await AskAsync("time-to-milestone?milestone=base");

        await window.Page.GotoAsync($"/cohorts/{Browser.Cohort}?milestone=base&asOf=seq:{api["sequence"]}");

        var facts = await window.Page.Locator("#waiting-facts dd").AllInnerTextsAsync();
        Assert.Equal(new[] { "learners", "awarded", "censored" }.Select(n => api[n]!.ToString()), facts.Take(3).Select(f => f.Trim()));
        Assert.Equal(api["medianDays"] is { } median ? Number(median, "0.#") + " days" : "not reached", facts[3].Trim());
        Assert.NotEmpty(api["curve"]!.AsArray());
        Assert.Equal(
            api["curve"]!.AsArray().Select(p => $"{Number(p!["days"]!, "0.#")} {p["atRisk"]} {p["awarded"]} {p["censored"]} {Number(p["survival"]!, "0.0 %")}"),
            await RowsAsync(window, "#waiting-table", 5));
    }

    [BrowserFact]
    public async Task Mastery_shows_the_numbers_of_the_api()
    {
        await using var window = await browser.OpenAsync();
        var api = await AskAsync("mastery");

        await window.Page.GotoAsync($"/cohorts/{Browser.Cohort}?asOf=seq:{api["sequence"]}");

        var cohort = api["cohorts"]![0]!;
        Assert.Equal(
            cohort["skills"]!.AsArray().Select(s => $"{s!["tried"]} {s["passed"]} {((double)s["passed"]! / (double)cohort["members"]!).ToString("0.0 %", CultureInfo.InvariantCulture)}"),
            await RowsAsync(window, "#mastery-table", 3, "td"));
    }

    [BrowserFact]
    public async Task The_trends_show_the_numbers_of_the_api()
    {
        await using var window = await browser.OpenAsync();
        var api = await AskAsync("trends");

        await window.Page.GotoAsync($"/cohorts/{Browser.Cohort}?asOf=seq:{api["sequence"]}");

        Assert.NotEmpty(api["weeks"]!.AsArray());
        Assert.Equal(
            api["weeks"]!.AsArray().Select(w => string.Join(' ', new[] { "attempts", "learners", "evidence", "awarded", "joined", "ended" }.Select(n => w![n]!.ToString()))),
            await RowsAsync(window, "#trends-table", 6, "td"));
    }

    [BrowserFact]
    public async Task The_comparison_shows_the_numbers_of_the_api()
    {
        await using var window = await browser.OpenAsync();
        var api = await AskAsync("compare?with=" + Browser.OtherCohort);

        await window.Page.GotoAsync($"/cohorts/{Browser.Cohort}/compare?with={Browser.OtherCohort}&asOf=seq:{api["sequence"]}");

        Assert.NotEmpty(api["milestones"]!.AsArray());
        Assert.Equal(
            api["milestones"]!.AsArray().Select(m => $"{m!["first"]!["awarded"]} of {m["first"]!["members"]} {Number(m["first"]!["share"]!, "0.0 %")} {m["second"]!["awarded"]} of {m["second"]!["members"]} {Number(m["second"]!["share"]!, "0.0 %")} {Number(m["difference"]!, "+0.0;−0.0;0.0", 100)}"),
            await RowsAsync(window, "#compare-milestones", 5, "td"));
        Assert.Equal(
            api["skills"]!.AsArray().Select(s => $"{s!["first"]!["learners"]} {Score(s["first"]!["mean"])} {s["second"]!["learners"]} {Score(s["second"]!["mean"])} {Score(s["hedgesG"])}"),
            await RowsAsync(window, "#compare-skills", 5, "td"));

        static string Score(JsonNode? number) => number is null ? "–" : Number(number, "0.00;−0.00");
    }

    [BrowserFact]
    public async Task A_milestone_opens_to_the_events_it_rests_on_by_keyboard()
    {
        await using var window = await browser.OpenAsync();
        await window.Page.GotoAsync(Path("/learners/{learner}"));
        var award = window.Page.Locator(".path details").First;

        await award.Locator("summary").FocusAsync();
        await window.Page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(award.GetByRole(AriaRole.Region, new() { Name = "Events the award rests on" })).ToBeVisibleAsync();
        Assert.Empty(window.Complaints);
    }

    [BrowserFact]
    public async Task The_slider_goes_back_in_history_and_says_where_it_stands()
    {
        await using var window = await browser.OpenAsync();
        await window.Page.GotoAsync(Path("/learners/{learner}"));
        await window.Page.GetByText("As it stood earlier").ClickAsync();
        var slider = window.Page.GetByRole(AriaRole.Slider);

        await slider.FocusAsync();
        await window.Page.Keyboard.PressAsync("Home");
        await window.Page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(window.Page.Locator("#event")).ToContainTextAsync("2 of ");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Show" }).First.ClickAsync();

        await Assertions.Expect(window.Page.GetByText("This is how it stood")).ToBeVisibleAsync();
        await Assertions.Expect(window.Page.GetByText("0 of 2 milestones stand")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task The_pages_work_without_script()
    {
        await using var context = await browser.Chromium.NewContextAsync(new() { BaseURL = browser.Url, JavaScriptEnabled = false, StorageState = browser.Session });
        var page = await context.NewPageAsync();

        await page.GotoAsync(Path("/learners/{learner}?version=2"));

        await Assertions.Expect(page.GetByText("This is how it stood")).ToBeVisibleAsync();
    }

    private async Task<JsonNode> AskAsync(string question) => JsonNode.Parse(await browser.Analyst.GetStringAsync($"/v1/cohorts/{Browser.Cohort}/analytics/{question}"))!;

    /// <summary>The first cells of each row of a table, which may be folded away.</summary>
    private static async Task<List<string>> RowsAsync(BrowserWindow window, string table, int cells, string of = "th, td")
    {
        var rows = new List<string>();
        foreach (var row in await window.Page.Locator(table + " tbody tr").AllAsync())
        {
            rows.Add(string.Join(' ', (await row.Locator(of).AllTextContentsAsync()).Take(cells).Select(c => string.Join(' ', c.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))));
        }

        return rows;
    }

    private static string Number(JsonNode number, string format, double times = 1) => (times * (double)number).ToString(format, CultureInfo.InvariantCulture);

    private string Path(string path) => path.Replace("{learner}", browser.Learner.ToString("D")).Replace("{evidence}", browser.Evidence.ToString("D"));

    private static string Told(AxeResultItem violation) =>
        $"{violation.Id}: {violation.Help} at {string.Join(", ", violation.Nodes.Select(n => n.Html[..Math.Min(160, n.Html.Length)]))}";
}
