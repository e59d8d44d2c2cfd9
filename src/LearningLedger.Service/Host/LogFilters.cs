namespace LearningLedger.Service.Host;

/// <summary>What of the libraries' own messages is for an operator.</summary>
public static class LogFilters
{
    /// <summary>Adds them.</summary>
    /// <param name="logging">The service's logging.</param>
    /// <param name="stopping">Whether the service stops.</param>
    public static void Add(ILoggingBuilder logging, Func<bool> stopping) => logging
        .AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning)
        .AddFilter("Wolverine", LogLevel.Warning).AddFilter("Npgsql", LogLevel.Warning)
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None).AddFilter(typeof(KeyAuthentication).FullName, LogLevel.Warning)

        // A projection that is stopped in the middle of a page says so as a failure, with a stack trace. It goes on from there at the next start.
        .AddFilter("Marten", level => level >= LogLevel.Warning && !stopping()).AddFilter("JasperFx", level => level >= LogLevel.Warning && !stopping())

        // It warns of keys that are not encrypted; they lie beside the other keys, readable by their owner only.
        .AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement", LogLevel.Error)

        // It logs every lost race as a failure, with parameters; what fails in earnest is thrown to us and logged once.
        .AddFilter("Marten.IDocumentStore", LogLevel.None);
}
