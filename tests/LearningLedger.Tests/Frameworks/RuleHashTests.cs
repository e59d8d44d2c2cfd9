using System.Security.Cryptography;
using System.Text;
using LearningLedger.Frameworks;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Frameworks;

public class RuleHashTests
{
    [Fact]
    public void Is_the_hash_of_the_published_canonical_form()
    {
        const string form =
            """{"code":"operations","rule":{"attempts":"best","decision":"assessor","evidence":{"distinctAssessors":1,"minimum":1},"passingScore":0.8,"requires":[],"validFor":"P2Y"},"skills":["deploy"]}""";
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(form))), RuleHash.Of(Operations));
    }

    [Fact]
    public void Titles_and_trailing_zeros_make_no_other_rule() => Assert.Equal(
        RuleHash.Of(Operations),
        RuleHash.Of(Operations with { Title = "Ops", Summary = "New words.", Level = 7, Rule = Operations.Rule with { PassingScore = 0.800m } }));

    [Fact]
    public void Another_score_or_skill_is_another_rule()
    {
        Assert.NotEqual(RuleHash.Of(Operations), RuleHash.Of(Operations with { Rule = Operations.Rule with { PassingScore = 0.81m } }));
        Assert.NotEqual(RuleHash.Of(Operations), RuleHash.Of(Operations with { Skills = ["deploy", "linux"] }));
    }
}
