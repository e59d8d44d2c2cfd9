using LearningLedger.Service.Host.PrivatePostgres;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Host;

public sealed class DataDirectoryLockTests
{
    [Fact]
    public void A_second_lock_is_refused_and_names_owner_and_directory()
    {
        using var directory = new TestDirectory();
        using var first = DataDirectoryLock.Acquire(directory.Data);

        var refused = Assert.Throws<DataDirectoryInUseException>(() => DataDirectoryLock.Acquire(directory.Data));

        Assert.Equal(Environment.ProcessId, refused.Owner);
        Assert.Contains($"process {Environment.ProcessId}", refused.Message);
        Assert.Contains(directory.Data, refused.Message);
    }

    [Fact]
    public void A_lock_given_back_can_be_taken_again()
    {
        using var directory = new TestDirectory();
        var first = DataDirectoryLock.Acquire(directory.Data);
        first.Dispose();
        first.Dispose();

        using var second = DataDirectoryLock.Acquire(directory.Data);

        Assert.Throws<DataDirectoryInUseException>(() => DataDirectoryLock.Acquire(directory.Data));
    }

    [Fact]
    public async Task Another_process_is_named_and_its_lock_ends_when_it_is_killed()
    {
        using var directory = new TestDirectory();
        await using var holder = await HolderProcess.StartAsync(directory);

        var refused = Assert.Throws<DataDirectoryInUseException>(() => DataDirectoryLock.Acquire(directory.Data));
        await holder.KillAsync();
        using var taken = DataDirectoryLock.Acquire(directory.Data);

        Assert.Equal(holder.Pid, refused.Owner);
    }

    [Fact]
    public void The_directory_is_made_if_absent()
    {
        using var directory = new TestDirectory();
        var absent = Path.Combine(directory.Data, "not", "there yet");

        using var taken = DataDirectoryLock.Acquire(absent);

        Assert.True(Directory.Exists(absent));
    }
}
