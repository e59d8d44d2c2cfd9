namespace LearningLedger.Benchmarks.Figures;

/// <summary>Something that is measured.</summary>
/// <param name="name">As <c>--only</c> takes it.</param>
internal abstract class Figure(string name)
{
    /// <summary>As <c>--only</c> takes it.</summary>
    public string Name { get; } = name;

    /// <summary>Measures it and checks that what was measured happened.</summary>
    /// <exception cref="CheckFailedException">It did not.</exception>
    public abstract Task TakeAsync(Bench bench, Report report, CancellationToken cancellation);
}
