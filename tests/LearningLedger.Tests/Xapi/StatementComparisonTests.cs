using System.Text;
using System.Text.RegularExpressions;
using LearningLedger.Xapi;
using static LearningLedger.Tests.Xapi.Statements;

namespace LearningLedger.Tests.Xapi;

public partial class StatementComparisonTests
{
    [Theory]
    [InlineData("stored", "\"2026-04-01T00:00:00Z\"")]
    [InlineData("authority", """{"mbox":"mailto:other@example.com"}""")]
    [InlineData("version", "\"1.0.0\"")]
    [InlineData("verb/display", """{"fr":"a réussi"}""")]
    [InlineData("object/definition", """{"name":{"en":"Renamed"}}""")]
    [InlineData("object/objectType", null)]
    [InlineData("actor/member", """[{"objectType":"Agent","openid":"https://id.example/b","name":"B"},{"mbox":"mailto:ada@example.com"}]""")]
    [InlineData("context/contextActivities/parent", """[{"id":"https://example.com/course","objectType":"Activity"}]""")]
    [InlineData("context/registration", "\"EC531277-B57B-4C15-8D91-D292C5B2B8F7\"")]
    [InlineData("result/duration", "\"PT1H0.259S\"")]
    [InlineData("result/score/raw", "5.0")]
    [InlineData("attachments/0/display", """{"de":"Aufsatz"}""")]
    public void What_a_store_may_change_makes_no_other_statement(string path, string? value) => Assert.Equal(Form(Full), Form(With(Full, path, value)));

    [Theory]
    [InlineData("actor/name", "\"Other\"")]
    [InlineData("actor/member/0/mbox", "\"mailto:eve@example.com\"")]
    [InlineData("verb/id", "\"http://adlnet.gov/expapi/verbs/failed\"")]
    [InlineData("object/id", "\"https://example.com/a/2\"")]
    [InlineData("result/duration", "\"PT1H0.26S\"")]
    [InlineData("result/score/scaled", "0.51")]
    [InlineData("result/success", "false")]
    [InlineData("result/extensions", """{"https://example.com/x":{"y":[2,1]}}""")]
    [InlineData("context/contextActivities/category", "[]")]
    [InlineData("attachments/0/sha2", "\"595395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a\"")]
    public void Anything_else_does(string path, string value) => Assert.NotEqual(Form(Full), Form(With(Full, path, value)));

    [Fact]
    public void How_names_and_texts_are_escaped_makes_no_other_statement()
    {
        var escaped = Text().Replace(Full, text => string.Concat(text.Value.Select(c => char.IsAsciiLetter(c) ? $"\\u{(int)c:x4}" : c.ToString())));

        Assert.Contains("\\u0061", escaped);
        Assert.Equal(Form(Full), Form(escaped));
    }

    [GeneratedRegex("\"[^\"\\\\]*\"")]
    private static partial Regex Text();

    private static string Form(string statement)
    {
        Assert.Empty(StatementRules.Faults(Parse(statement), XapiVersion.One));
        return Encoding.UTF8.GetString(StatementComparison.Of(Parse(statement)));
    }
}
