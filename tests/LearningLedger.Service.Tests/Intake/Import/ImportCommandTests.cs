using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using LearningLedger.Service.Host;
using LearningLedger.Service.Intake.Import;
using LearningLedger.Service.Tests.Fixtures;
using Spectre.Console;

namespace LearningLedger.Service.Tests.Intake.Import;

public sealed class ImportCommandTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>, IDisposable
{
    private readonly TestDirectory _directory = new();

    [Fact]
    public async Task Records_a_file_once_however_often_it_is_run()
    {
        var (tenant, client) = await PosterAsync();
        var file = Write("events.ndjson", "\uFEFF" + string.Join("\r\n", Events(2_500)) + "\n\n");

        var first = await RunAsync(client, file);
        var second = await RunAsync(client, file);

        Assert.True(first.Code == 0, first.Errors);
        Assert.Contains("2,500 events recorded, 0 were there already", first.Output, StringComparison.Ordinal);
        Assert.True(second.Code == 0, second.Errors);
        Assert.Contains("0 events recorded, 2,500 were there already", second.Output, StringComparison.Ordinal);
        Assert.Equal(2_500, await StoredAsync(tenant));
    }

    [Fact]
    public async Task Reads_a_compressed_file_larger_than_a_request()
    {
        var (tenant, client) = await PosterAsync();
        var file = Path.Combine(_directory.Root, "events.ndjson.gz");
        await using (var zip = new GZipStream(File.Create(file), CompressionLevel.Fastest))
        {
            await zip.WriteAsync(Encoding.UTF8.GetBytes(string.Join('\n', Events(6_000).Select(e => e + new string(' ', 1_000)))));
        }

        var run = await RunAsync(client, file);

        Assert.True(run.Code == 0, run.Errors);
        Assert.Equal(6_000, await StoredAsync(tenant));
    }

    [Fact]
    public async Task Names_the_refused_line_by_its_number_in_the_file_and_goes_on_there_once_it_is_mended()
    {
        var (tenant, client) = await PosterAsync();
        var events = Events(8_000).Select(e => e + new string(' ', 400)).ToArray();
        var good = events[7_000];
        events[7_000] = good.Replace("alpha", "unheard-of", StringComparison.Ordinal);
        var refused = await RunAsync(client, Write("events.ndjson", string.Join('\n', events)));
        var stored = await LinesAsync(tenant);
        var before = stored.Count;
        events[7_000] = good;

        var mended = await RunAsync(client, Write("events.ndjson", string.Join('\n', events)));

        Assert.Equal(ImportCommand.Refused, refused.Code);
        Assert.Contains("line 7001: data.skill ", refused.Errors, StringComparison.Ordinal);
        var said = Regex.Match(refused.Errors, @"Lines 1 to (\d+) are recorded, and of those up to (\d+) another (\d+), all of other learners\.");
        var (until, last, after) = (Number(said.Groups[1]), Number(said.Groups[2]), Number(said.Groups[3]));
        Assert.InRange(until, 1, 7_000);
        Assert.InRange(last, 7_001, 8_000);
        Assert.Equal(before, until + after);
        Assert.Equal(until, stored.Count(line => line <= until));
        Assert.DoesNotContain(7_001, stored);
        Assert.True(mended.Code == 0, mended.Errors);
        Assert.Contains($"{8_000 - before:#,0} events recorded, {before:#,0} were there already", mended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keeps_the_order_of_each_learners_events_though_it_sends_two_requests_at_once()
    {
        var (tenant, client) = await PosterAsync();

        var run = await RunAsync(client, Write("events.ndjson", string.Join('\n', Events(6_000).Select(e => e + new string(' ', 400)))));

        Assert.True(run.Code == 0, run.Errors);
        var lines = await LinesAsync(tenant);
        Assert.Equal(6_000, lines.Count);
        Assert.All(lines.GroupBy(line => line % Learners), learner => Assert.Equal(learner.Order(), learner));
    }

    [Fact]
    public void Deals_lines_out_by_subject_however_it_is_written()
    {
        var lines = Enumerable.Range(0, 100).Select(i => $$"""{"data":{"subject":"of the data"},"subject":"{{(i < 50 ? "l" : "\\u006c")}}earner-{{i % 50}}","id":"{{i}}"}""").ToArray();
        string[] wrong = ["", "  ", "not JSON", "[]", "7", """{"subject":7}""", """{"id":"none"}""", """{"subject":"\ud800"}"""];

        var parts = ImportPart.Deal(Encoding.UTF8.GetBytes(string.Join('\n', [.. lines, .. wrong])), 11);

        Assert.Equal(ImportPart.Lanes, parts.Count);
        var dealt = parts.ConvertAll(p => Encoding.UTF8.GetString(p.Bytes.Span).Split('\n').Zip(p.Numbers.ToArray()).ToList());
        Assert.Equal(lines.Concat(wrong), dealt.SelectMany(l => l).OrderBy(l => l.Second).Select(l => l.First));
        Assert.All(dealt, part => Assert.Equal(part.Count(l => l.Second is >= 11 and < 61), part.Count(l => l.Second is >= 61 and < 111)));
        Assert.All(dealt, part => Assert.All(part.Where(l => l.Second is >= 11 and < 61), l => Assert.Contains(l.Second + 50, part.Select(o => o.Second))));
        Assert.Equal(wrong, dealt[0].Where(l => l.Second >= 111).Select(l => l.First));
    }

    [Fact]
    public async Task Goes_on_after_the_last_acknowledged_chunk_when_the_connection_breaks()
    {
        var tenant = await fixture.TenantAsync();
        var breaking = new Breaking { InnerHandler = new SocketsHttpHandler() };
        using var client = new HttpClient(breaking) { BaseAddress = new Uri(fixture.Ledger.Url) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", await tenant.KeyAsync([Scopes.EventsWrite]));

        var file = Write("events.ndjson", string.Join('\n', Events(3_000)));

        // Either of the two can be the one whose answer breaks; both have more lines than a chunk.
        var second = ImportPart.Deal(File.ReadAllBytes(file), 1).ConvertAll(p => p.Numbers.Span[Limits.EventsPerChunk]);
        var run = await RunAsync(client, file);

        Assert.True(run.Code == 0, run.Errors);
        Assert.Contains(second, line => run.Output.Contains($"Interrupted at line {line} ", StringComparison.Ordinal));
        Assert.Contains("trying again", run.Output, StringComparison.Ordinal);
        Assert.Equal(3_000, await StoredAsync(tenant));
        Assert.True(breaking.Requests > 1);
    }

    [Theory]
    [InlineData("""{"type":"about:blank","title":"Busy","status":503,"detail":"The service stops."}""")]
    [InlineData("""{"type":"about:blank","title":"Gone","status":401,"detail":"Some refusal."}""")]
    [InlineData("not JSON")]
    public async Task Is_done_when_all_is_acknowledged_whatever_comes_after(string last)
    {
        var tenant = await fixture.TenantAsync();
        using var client = new HttpClient(new Adding(last) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = new Uri(fixture.Ledger.Url) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", await tenant.KeyAsync([Scopes.EventsWrite]));

        var run = await RunAsync(client, Write("events.ndjson", string.Join('\n', Events(50))));

        Assert.True(run.Code == 0, run.Errors);
        Assert.Contains("50 events recorded", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gives_up_when_the_service_stays_away()
    {
        using var client = new HttpClient { BaseAddress = new Uri("http://127.0.0.1:1") };

        var run = await RunAsync(client, Write("events.ndjson", Events(1)[0]));

        Assert.Equal(ImportCommand.NotDone, run.Code);
        Assert.Contains("takes nothing any more", run.Errors, StringComparison.Ordinal);
        Assert.Contains("No line is recorded", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tells_a_key_that_may_not_post_and_a_file_that_cannot_be_read()
    {
        var tenant = await fixture.TenantAsync();
        using var reader = await tenant.ClientAsync(Scopes.TranscriptsRead);

        var forbidden = await RunAsync(reader, Write("events.ndjson", Events(1)[0]));
        var missing = await RunAsync(reader, Path.Combine(_directory.Root, "missing.ndjson"));
        var broken = await RunAsync(reader, Write("events.gz", "not compressed"));

        Assert.Equal((ImportCommand.NotDone, ImportCommand.NotDone, ImportCommand.NotDone), (forbidden.Code, missing.Code, broken.Code));
        Assert.Contains("lacks the scope events:write", forbidden.Errors, StringComparison.Ordinal);
        Assert.Contains("missing.ndjson cannot be read", missing.Errors, StringComparison.Ordinal);
        Assert.Contains("events.gz cannot be read", broken.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Starts_a_service_for_the_duration_when_none_answers()
    {
        using var place = await Place.WithDatabaseAsync();
        await File.WriteAllLinesAsync(Path.Combine(place.Directory.Root, "events.ndjson"), Events(1_200).Select(e => e.Replace("alpha", "linux-fundamentals", StringComparison.Ordinal)));

        await using var import = place.Run("import", "events.ndjson", "--urls", "http://127.0.0.1:0");

        Assert.True(await import.EndedAsync() == 0, import.Output);
        Assert.Contains("1,200 events recorded", import.Output, StringComparison.Ordinal);
        Assert.Equal(1_200, await Faults.Ledger.AskAsync<long>(place.ConnectionString, "select count(*) from ledger.mt_events where type = 'skill.attempted'"));
    }

    public void Dispose() => _directory.Dispose();

    private const int Learners = 20;

    /// <summary>The score tells the line.</summary>
    private static string[] Events(int count) => [.. Enumerable.Range(1, count).Select(i => Tenant.Attempt($"e-{i}", $"learner-{i % Learners}", "alpha", i / 10_000.0))];

    private static int Number(Capture digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    private string Write(string name, string text)
    {
        var file = Path.Combine(_directory.Root, name);
        File.WriteAllText(file, text);
        return file;
    }

    private async Task<(Tenant Tenant, HttpClient Client)> PosterAsync()
    {
        var tenant = await fixture.TenantAsync();
        return (tenant, await tenant.ClientAsync(Scopes.EventsWrite));
    }

    /// <summary>Numbers of the lines that are recorded, each learner's in the order in which they are.</summary>
    private async Task<List<int>> LinesAsync(Tenant tenant) => [.. await fixture.AskAsync<int[]>(
        $"select array_agg(round((data ->> 'score')::numeric * 10000)::int order by stream_id, version) from ledger.mt_events where tenant_id = '{tenant.Name}' and type = 'skill.attempted'")];

    private Task<long> StoredAsync(Tenant tenant) =>
        fixture.AskAsync<long>($"select count(*) from ledger.mt_events where tenant_id = '{tenant.Name}' and type = 'skill.attempted'");

    private static async Task<(int Code, string Output, string Errors)> RunAsync(HttpClient client, string file)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 1_000;
        var code = await ImportCommand.RunAsync(file, client, console, errors, TimeSpan.FromMilliseconds(300), CancellationToken.None);
        return (code, output.ToString(), errors.ToString());
    }

    /// <summary>Breaks the first answer after its first line.</summary>
    private sealed class Breaking : DelegatingHandler
    {
        private int requests;

        internal int Requests => requests;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (Interlocked.Increment(ref requests) == 1)
            {
                var text = await answer.Content.ReadAsStringAsync(cancellationToken);
                answer.Content = new StreamContent(new Broken(Encoding.UTF8.GetBytes(text[..(text.IndexOf('\n', StringComparison.Ordinal) + 1)])));
            }

            return answer;
        }
    }

    /// <summary>Adds a line to each answer.</summary>
    private sealed class Adding(string line) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            answer.Content = new StringContent(await answer.Content.ReadAsStringAsync(cancellationToken) + line + "\n");
            return answer;
        }
    }

    private sealed class Broken(byte[] first) : MemoryStream(first)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position < Length ? base.ReadAsync(buffer, cancellationToken) : throw new IOException("The connection was cut.");
    }
}
