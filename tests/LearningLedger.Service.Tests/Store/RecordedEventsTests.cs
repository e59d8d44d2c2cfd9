using System.Globalization;
using JasperFx.Events;
using LearningLedger.Events;
using LearningLedger.Service.Store;

namespace LearningLedger.Service.Tests.Store;

public class RecordedEventsTests
{
    [Fact]
    public void Reads_when_it_occurred_to_the_microsecond_however_the_header_was_deserialised()
    {
        const string text = "2025-09-01T08:30:00.250001Z";
        var time = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

        Assert.All<object>([text, time.UtcDateTime, time, time.ToOffset(TimeSpan.FromHours(2))], header =>
            Assert.Equal(time, RecordedEvents.Of(Event(header)).Occurred));
    }

    private static Event<CohortJoined> Event(object occurred)
    {
        var e = new Event<CohortJoined>(new CohortJoined("autumn", Guid.NewGuid())) { EventTypeName = "cohort.joined" };
        e.SetHeader(EventHeaders.Occurred, occurred);
        e.SetHeader(EventHeaders.Actor, "key:test");
        return e;
    }
}
