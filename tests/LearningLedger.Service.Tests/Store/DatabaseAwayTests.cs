using JasperFx.Events.Daemon;
using LearningLedger.Service.Store;
using Npgsql;

namespace LearningLedger.Service.Tests.Store;

public sealed class DatabaseAwayTests
{
    [Theory]
    [InlineData(PostgresErrorCodes.ReadOnlySqlTransaction, true)]
    [InlineData(PostgresErrorCodes.AdminShutdown, true)]
    [InlineData(PostgresErrorCodes.CrashShutdown, true)]
    [InlineData(PostgresErrorCodes.CannotConnectNow, true)]
    [InlineData(PostgresErrorCodes.SerializationFailure, true)]
    [InlineData(PostgresErrorCodes.UniqueViolation, false)]
    [InlineData(PostgresErrorCodes.UndefinedColumn, false)]
    [InlineData(PostgresErrorCodes.InvalidPassword, false)]
    public void What_PostgreSQL_says_passes_or_comes_again(string code, bool passes) =>
        ShouldPass(new PostgresException("said", "ERROR", "ERROR", code), passes);

    [Fact]
    public void That_no_host_answers_passes() => ShouldPass(new NpgsqlException("No suitable host was found."), passes: true);

    [Fact]
    public void What_is_not_of_the_database_comes_again() => ShouldPass(new InvalidOperationException(), passes: false);

    private static void ShouldPass(Exception failure, bool passes)
    {
        DatabaseAway.Tell();
        var wrapped = new InvalidOperationException("wrapped", failure);
        Assert.Equal((passes, passes), (DatabaseAway.Is(failure), DatabaseAway.Is(wrapped)));
        Assert.Equal((passes, passes), (TransientFailures.IsTransient(failure), TransientFailures.IsTransient(wrapped)));
    }
}
