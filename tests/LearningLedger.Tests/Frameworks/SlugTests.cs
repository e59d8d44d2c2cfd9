using CsCheck;
using LearningLedger.Frameworks;

namespace LearningLedger.Tests.Frameworks;

public class SlugTests
{
    [Theory]
    [InlineData("HTTP/REST/gRPC", "http-rest-grpc")]
    [InlineData("FastAPI Framework", "fastapi-framework")]
    [InlineData("Retrieval Systems (RAG Done Right)", "retrieval-systems-rag-done-right")]
    [InlineData("Async I/O & Concurrency", "async-i-o-concurrency")]
    [InlineData("--a__b--", "a-b")]
    [InlineData("Größe", "gr-e")]
    [InlineData("\u212A", "")]
    [InlineData("日本", "")]
    public void Makes_a_code_of_a_title(string title, string code) => Assert.Equal(code, Slug.Of(title));

    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("a-1-b")]
    public void Knows_a_code(string code) => Assert.True(Slug.IsValid(code));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a--b")]
    [InlineData("A")]
    [InlineData("a b")]
    [InlineData("a_b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    public void Knows_what_is_none(string? code) => Assert.False(Slug.IsValid(code));

    [Fact]
    public void Bounds_the_length()
    {
        Assert.True(Slug.IsValid(new string('a', Slug.Longest)));
        Assert.False(Slug.IsValid(new string('a', Slug.Longest + 1)));
    }

    [Fact]
    public void Leaves_a_code_as_it_is_and_makes_nothing_but_codes() =>
        Gen.String[Gen.OneOf(Gen.Char['-', 'z'], Gen.Char), 0, 60].Sample(title =>
        {
            var code = Slug.Of(title);
            Assert.True(code.Length == 0 || Slug.IsValid(code));
            Assert.Equal(code, Slug.Of(code));
            Assert.Equal(Slug.IsValid(title), title.Length > 0 && code == title);
        });
}
