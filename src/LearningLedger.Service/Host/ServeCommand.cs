using System.Runtime.InteropServices;
using LearningLedger.Service.Store;

namespace LearningLedger.Service.Host;

/// <summary>Runs the service until it is told to stop.</summary>
public static class ServeCommand
{
    /// <summary>0 after an orderly stop, 1 when it could not start.</summary>
    public static async Task<int> RunAsync(string[] settings, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            await using var ledger = await RunningLedger.StartAsync(settings, Say, configure: null, stop.Token);
            Say($"LearningLedger listens on {string.Join(", ", ledger.App.Urls)}");
            Say($"Data directory: {Path.GetFullPath(ledger.Settings.DataDirectory)}");
            if (ledger.Bootstrap.File is { } file)
            {
                Say($"Bootstrap key: {Path.GetFullPath(file)}");
                if (ledger.Bootstrap.IsNew && !Console.IsOutputRedirected)
                {
                    Say($"  {ledger.Bootstrap.Text}   (shown once; it stays in the file)");
                }
            }

            await WaitAsync(stop.Token, ledger.App.Lifetime.ApplicationStopping);
            Say("Stopping ...");

            return ledger.App.Services.GetRequiredService<SingleNode>().Taken ? 1 : 0;
        }
        catch (LedgerStartException e)
        {
            await Console.Error.WriteLineAsync("LearningLedger cannot start. " + e.Message);
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task WaitAsync(CancellationToken told, CancellationToken byItself)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var first = told.Register(() => stopped.TrySetResult());
        await using var second = byItself.Register(() => stopped.TrySetResult());
        await stopped.Task;
    }

    private static void Say(string sentence) => Console.WriteLine(sentence);
}
