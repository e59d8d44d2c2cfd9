using LearningLedger.Service.Host;
using Microsoft.Extensions.Logging;

namespace LearningLedger.Service.Tests.Host;

public sealed class LogFiltersTests
{
    [Fact]
    public void A_projection_is_heard_until_the_service_stops()
    {
        var stopping = false;
        using var factory = LoggerFactory.Create(logging => LogFilters.Add(logging.AddConsole(), () => stopping));
        var daemon = factory.CreateLogger("Marten.Events.Daemon.ProjectionDaemon");
        Assert.True(daemon.IsEnabled(LogLevel.Error));
        Assert.False(daemon.IsEnabled(LogLevel.Information));

        stopping = true;

        Assert.False(daemon.IsEnabled(LogLevel.Error));
        Assert.True(factory.CreateLogger("LearningLedger.Service.Log.Sequencing").IsEnabled(LogLevel.Error));
    }
}
