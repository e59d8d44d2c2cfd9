namespace LearningLedger.Service.Host.Demo;

/// <summary>Reproducible chance: splitmix64, and nothing but additions and multiplications on top, so that every machine rolls the same.</summary>
/// <param name="seed">Where it starts.</param>
internal sealed class Dice(ulong seed)
{
    private ulong state = seed;

    /// <summary>Independent dice for one of many, whatever their number.</summary>
    public static Dice Of(int seed, int purpose, int index)
    {
        var mixed = new Dice(unchecked((ulong)seed * 0x9E3779B97F4A7C15));
        mixed.state ^= mixed.Next() + (ulong)(uint)purpose;
        mixed.state ^= mixed.Next() + (ulong)(uint)index;
        return new Dice(mixed.Next());
    }

    /// <summary>0 up to but not 1.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>From <paramref name="low"/> up to but not <paramref name="high"/>.</summary>
    public double Between(double low, double high) => low + ((high - low) * Uniform());

    /// <summary>0 to <paramref name="n"/> - 1.</summary>
    public int Below(int n) => (int)(Uniform() * n);

    /// <summary>True with probability <paramref name="p"/>.</summary>
    public bool Chance(double p) => Uniform() < p;

    /// <summary>Nearly standard normal: twelve uniforms, less six. Needs no logarithm, whose last digit differs between machines.</summary>
    public double Normal()
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++)
        {
            sum += Uniform();
        }

        return sum;
    }

    private ulong Next()
    {
        var z = unchecked(state += 0x9E3779B97F4A7C15);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return z ^ (z >> 31);
    }
}
