namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>A test that needs minutes or the network; it runs where <c>LEDGER_LONG=1</c> asks for it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LongFactAttribute : FactAttribute
{
    public LongFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("LEDGER_LONG") != "1") Skip = "Set LEDGER_LONG=1 to run it.";
    }
}
