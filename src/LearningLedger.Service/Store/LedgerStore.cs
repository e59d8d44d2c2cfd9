using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Projections;
using JasperFx.MultiTenancy;
using LearningLedger.Events;
using Marten;
using Npgsql;
using Weasel.Core;

namespace LearningLedger.Service.Store;

/// <summary>How Marten keeps the ledger. The reasons for each line are its defaults: most are wrong for a ledger that has to be proved.</summary>
public static class LedgerStore
{
    /// <summary>Configures the store.</summary>
    public static void Configure(StoreOptions options, NpgsqlDataSource database)
    {
        DatabaseAway.Tell();
        options.Connection(database);
        options.DatabaseSchemaName = options.Events.DatabaseSchemaName = SqlNames.Ledger;

        // SchemaUpdate applies the schema before the host starts; nothing may create tables at run time.
        options.AutoCreateSchemaObjects = AutoCreate.None;
        options.UseSystemTextJsonForSerialization(EnumStorage.AsString, Casing.CamelCase, json =>
        {
            // Marten's own converter of enums comes before ours and would store Accepted for what is accepted everywhere else.
            if (json.Converters.OfType<System.Text.Json.Serialization.JsonStringEnumConverter>().FirstOrDefault() is { } martens)
            {
                json.Converters.Remove(martens);
            }

            LedgerJson.Configure(json);
        });

        options.Events.StreamIdentity = StreamIdentity.AsGuid;
        options.Events.TenancyStyle = TenancyStyle.Conjoined;
        options.Policies.AllDocumentsAreMultiTenanted();
        options.Events.AppendMode = EventAppendMode.QuickWithServerTimestamps;
        options.Events.UseMandatoryStreamTypeDeclaration = true;

        // Without it, losers of a race burn sequence numbers and leave permanent gaps.
        options.Events.UseExclusiveLockOnConcurrentAppends = true;
        options.Events.EnableUniqueIndexOnEventId = true;
        options.Events.MetadataConfig.CorrelationIdEnabled = true;
        options.Events.MetadataConfig.CausationIdEnabled = true;
        options.Events.MetadataConfig.HeadersEnabled = true;
        options.Events.MetadataConfig.UserNameEnabled = true;
        options.Events.IgnoreIndex("mt_events_cohort_member");
        options.Events.IgnoreIndex("mt_events_catalogue");
        options.Events.IgnoreIndex("mt_events_award_end");
        options.Events.IgnoreIndex("mt_events_award_step");
        options.Events.IgnoreIndex("mt_events_decision");
        options.Events.IgnoreIndex("mt_events_mapping");
        foreach (var entry in EventCatalog.All)
        {
            options.Events.MapEventType(entry.Body, entry.Name);
        }

        options.Projections.Add<LearnerFold>(ProjectionLifecycle.Live);
        options.Projections.Add<FrameworkFold>(ProjectionLifecycle.Live);
        options.Projections.Add<CohortFold>(ProjectionLifecycle.Live);
        options.Projections.Add<ReportFold>(ProjectionLifecycle.Live);
        options.Projections.Add<MappingFold>(ProjectionLifecycle.Live);

        // The defaults drop a bad event into a table and go on: a transcript or a figure would be silently short.
        options.Projections.Errors.SkipApplyErrors = false;
        options.Projections.Errors.SkipSerializationErrors = false;
        options.Projections.Errors.SkipUnknownEvents = false;
        options.Projections.FastPollingTime = TimeSpan.FromMilliseconds(50);
        options.Projections.SlowPollingTime = TimeSpan.FromMilliseconds(100);

        // Why a projection stopped is kept in the database, where readiness and operators find it.
        options.Events.EnableExtendedProgressionTracking = true;
        options.OpenTelemetry.TrackEventCounters();
    }
}
