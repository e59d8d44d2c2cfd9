using System.Text.Json;
using JasperFx.Events;
using LearningLedger.Events;
using LearningLedger.Integrity;

namespace LearningLedger.Service.Store;

/// <summary>Decided events as Marten stores them.</summary>
public static class DecidedEvents
{
    /// <summary>Gives an event its id and headers.</summary>
    /// <param name="decided">The event.</param>
    /// <param name="eventId">Its id.</param>
    /// <param name="by">Who decided.</param>
    /// <param name="streamKey">Key of its stream, for the fingerprint.</param>
    /// <param name="subject">Whom or what it is about: the learner's UUID, else the code of the framework or cohort.</param>
    public static IEvent Wrap(DecidedEvent decided, Guid eventId, DecidedBy by, byte[] streamKey, string subject)
    {
        var occurred = LedgerJson.Microseconds(decided.Occurred);
        var body = CanonicalJson.Bytes(JsonSerializer.SerializeToElement(decided.Data, decided.Data.GetType(), LedgerJson.Options));

        // By the body's own type: the generic factory would take the interface for the event's type.
        var wrapped = (IEvent)Activator.CreateInstance(typeof(Event<>).MakeGenericType(decided.Data.GetType()), decided.Data)!;
        wrapped.Id = eventId;
        wrapped.SetHeader(EventHeaders.Occurred, LedgerJson.Text(occurred));
        wrapped.SetHeader(EventHeaders.Actor, by.Actor);
        wrapped.SetHeader(EventHeaders.Fingerprint, Fingerprint.Of(streamKey, EventCatalog.Of(decided.Data.GetType()).Name, subject, occurred, body));
        return wrapped;
    }
}
