using System.Net;
using System.Text;
using LearningLedger.Service.Host.PrivatePostgres;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Faults;

public sealed class StoppedServiceTests
{
    // Service and cluster are to end within 10 s; twice that, since many tests share few cores.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(ServiceProcess.Interrupt)]
    [InlineData(ServiceProcess.Terminate)]
    public async Task A_signal_lets_the_request_under_way_be_answered_then_ends_service_and_cluster(int signal)
    {
        using var place = Place.WithOwnCluster();

        await StopInTheMiddleOfARequestAsync(place, signal, user: null);
    }

    [Fact]
    public async Task An_ordinary_user_stops_service_and_cluster_just_so()
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess) return; // else all tests are run by one
        const string User = "nobody";
        using var place = Place.WithOwnCluster();
        await ServerUser.GiveAsync(User, place.Directory.Root, CancellationToken.None);

        await StopInTheMiddleOfARequestAsync(place, ServiceProcess.Interrupt, User);
    }

    [Fact]
    public async Task Interrupted_while_it_starts_it_leaves_nothing_behind_and_nothing_in_the_way()
    {
        using var place = Place.WithOwnCluster();
        await using (var broken = place.Run("--urls", "http://127.0.0.1:0"))
        {
            await Expectations.EventuallyAsync(() => Task.FromResult(broken.PostmasterFile is not null), "the cluster to start");

            Assert.Equal(0, await broken.StopAsync());

            Assert.Null(broken.PostmasterFile);
            Assert.DoesNotContain("Unhandled", broken.Output, StringComparison.Ordinal);
        }

        await using var service = await place.StartAsync();
        service.Signal(ServiceProcess.Interrupt);
        service.Signal(ServiceProcess.Interrupt); // an impatient user
        Assert.Equal(0, await service.EndedAsync(Bound));
        Assert.Null(service.PostmasterFile);
    }

    private static async Task StopInTheMiddleOfARequestAsync(Place place, int signal, string? user)
    {
        var learner = Guid.Empty;
        await using (var service = await ServiceProcess.StartAsync(place.Directory, place.Settings, user))
        {
            var postmaster = service.PostmasterPid;

            // What is sent is not yet read, and a connection that nothing was read from is simply closed. So the body waits until the service asks for it.
            using var handler = new SocketsHttpHandler { Expect100ContinueTimeout = Timeout.InfiniteTimeSpan };
            using var client = service.Client(place.Key, handler);
            client.DefaultRequestHeaders.ExpectContinue = true;

            // The first post compiles what all others run: not a thing to wait for in a service that stops.
            await Tenant.PostAsync(client, Tenant.Attempt("a0", "bob", "linux-fundamentals", 0.5));
            using var body = new HalfSent(Tenant.Attempt("a1", "ann", "linux-fundamentals", 0.5));
            var posting = client.PostAsync("/v1/events", body);
            await body.Half;
            service.Signal(signal);
            await service.SaysAsync("Stopping");
            body.SendRest();

            using var answer = await posting;

            await answer.ShouldBeAsync(HttpStatusCode.OK);
            learner = (Guid)(await answer.JsonAsync())["receipts"]![0]!["learner"]!;
            Assert.Equal(0, await service.EndedAsync(Bound));
            await Processes.GoneAsync(postmaster);
            Assert.Null(service.PostmasterFile);
            Assert.False(service.Output.Contains("xception", StringComparison.Ordinal), service.Output);
        }

        await using var again = await ServiceProcess.StartAsync(place.Directory, place.Settings, user);
        using var reader = again.Client(place.Key);
        using var events = await reader.GetAsync($"/v1/learners/{learner}/events");
        await events.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(["learner.registered", "skill.attempted"], (await events.JsonAsync())["events"]!.AsArray().Select(e => (string)e!["type"]!));
        Assert.Equal(0, await again.StopAsync());
    }

    /// <summary>An event whose second half waits.</summary>
    private sealed class HalfSent : HttpContent
    {
        private readonly byte[] _text;
        private readonly TaskCompletionSource _half = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _rest = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal HalfSent(string text)
        {
            _text = Encoding.UTF8.GetBytes(text);
            Headers.ContentType = new("application/cloudevents+json");
        }

        /// <summary>The first half is on its way, and the service reads it.</summary>
        internal Task Half => _half.Task;

        internal void SendRest() => _rest.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_text.AsMemory(0, _text.Length / 2));
            await stream.FlushAsync();
            _half.SetResult();
            await _rest.Task;
            await stream.WriteAsync(_text.AsMemory(_text.Length / 2));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _text.Length;
            return true;
        }
    }
}
