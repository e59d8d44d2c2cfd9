using System.Globalization;
using Npgsql;

namespace LearningLedger.Benchmarks;

/// <summary>A service on a database of its own, in the same cluster, to be held beside another.</summary>
/// <param name="Service">The service.</param>
/// <param name="Database">Its database.</param>
internal sealed record Side(ServiceUnderTest Service, NpgsqlDataSource Database)
{
    /// <summary>Makes the database and starts the service.</summary>
    public static async Task<Side> StartAsync(Bench bench, string name, CancellationToken cancellation)
    {
        var database = await bench.OtherDatabaseAsync(name, cancellation);
        var side = new Side(new ServiceUnderTest(bench.Program, bench.File(name), database), NpgsqlDataSource.Create(database + ";Command Timeout=0"));
        bench.Sides.Add(side);
        await side.Service.StartAsync(cancellation);
        return side;
    }

    /// <summary>Ends it; what it took counts as the service's.</summary>
    public async Task EndAsync(Bench bench)
    {
        bench.Sides.Remove(this);
        await Service.StopAsync();
        bench.Service.Include(Service);
        await Database.DisposeAsync();
    }

    /// <summary>One value.</summary>
    public async Task<T> AskAsync<T>(string sql, CancellationToken cancellation)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Leaves the database as it leaves itself after a minute of rest.</summary>
    public async Task SettleAsync(CancellationToken cancellation)
    {
        await using var settle = Database.CreateCommand("vacuum analyze; checkpoint");
        await settle.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Holds a count against what it should be.</summary>
    /// <exception cref="CheckFailedException">It is another.</exception>
    public async Task EqualAsync(string what, string sql, long expected, CancellationToken cancellation)
    {
        var found = await AskAsync<long>(sql, cancellation);
        if (found != expected)
        {
            throw new CheckFailedException(string.Create(CultureInfo.InvariantCulture, $"{what}: {found}, expected {expected}"));
        }
    }
}
