using LearningLedger.Service.Host;

namespace LearningLedger.Service.Tests.Keys;

public class KeyTextTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("a")]
    [InlineData("bench-7")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    public void Reads_what_it_writes(string id) => Assert.Equal(new KeyText(id, Secret), KeyText.Parse(new KeyText(id, Secret).ToString()));

    [Fact]
    public void Reads_a_new_one()
    {
        var key = KeyText.Make();

        Assert.Equal(key, KeyText.Parse(key.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ll_")]
    [InlineData("ll__" + Secret)]
    [InlineData("ll_" + Secret)]
    [InlineData("LL_a_" + Secret)]
    [InlineData("ll_A_" + Secret)]
    [InlineData("ll_a_b_" + Secret)]
    [InlineData("ll_a-" + Secret)]
    [InlineData("ll_a_" + Secret + "0")]
    [InlineData("ll_a_" + Secret + "\n")]
    [InlineData("ll_a_0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("ll_0123456789abcdef0123456789abcdef0_" + Secret)]
    public void Takes_nothing_else(string text) => Assert.Null(KeyText.Parse(text));
}
