using LearningLedger.Events;
using LearningLedger.Frameworks;
using static LearningLedger.Tests.Frameworks.FrameworkSamples;

namespace LearningLedger.Tests.Frameworks;

public class PublishTests
{
    private static readonly FrameworkDefinition Changed = Welding with { Title = "Welding and brazing" };

    [Fact]
    public void Numbers_versions_from_one()
    {
        var first = Published(FrameworkState.None, Welding);
        var second = Published(State(first), Changed);

        Assert.Equal((1, 2), (first.Definition.Version, second.Definition.Version));
        Assert.NotEqual(first.Hash, second.Hash);
        Assert.Equal(Changed.Title, State(first, second).Latest!.Definition.Title);
        Assert.Same(first, State(first, second).Find(1));
        Assert.Null(State(first, second).Find(3));
    }

    // Made with Python: hashlib.sha256(json.dumps(definition, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    [Fact]
    public void Hashes_the_canonical_form_with_its_version() =>
        Assert.Equal("83bff45ca1e528f5806505633bb49b090cd71a6ac8aac87b1918127232294785", Published(FrameworkState.None, Welding).Hash);

    [Fact]
    public void Gives_one_hash_to_one_value_however_it_is_spelt() =>
        Assert.Equal(FrameworkHash.Of(Welding), FrameworkHash.Of(Welding.With(0, m => m with { Rule = m.Rule with { PassingScore = 0.700m } })));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Stores_nothing_when_the_latest_version_is_published_again(int version)
    {
        var first = Published(FrameworkState.None, Welding);

        Assert.Equal(new PublishResult.AlreadyPublished(1, first.Hash), FrameworkRules.Publish(State(first), Welding with { Version = version }));
    }

    [Fact]
    public void Knows_an_older_version_when_it_is_named_and_makes_a_new_one_when_it_is_not()
    {
        var first = Published(FrameworkState.None, Welding);
        var state = State(first, Published(State(first), Changed));

        Assert.Equal(new PublishResult.AlreadyPublished(1, first.Hash), FrameworkRules.Publish(state, Welding with { Version = 1 }));
        Assert.Equal(3, Published(state, Welding).Definition.Version);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Refuses_a_version_number_that_other_content_has_or_that_is_not_next(int version)
    {
        var state = State(Published(FrameworkState.None, Welding));

        Assert.Equal(new PublishResult.WrongVersion(version, 2), FrameworkRules.Publish(state, Changed with { Version = version }));
    }

    [Fact]
    public void Refuses_a_number_out_of_line_even_for_published_content() =>
        Assert.IsType<PublishResult.WrongVersion>(FrameworkRules.Publish(State(Published(FrameworkState.None, Welding)), Welding with { Version = 9 }));

    [Fact]
    public void Publishes_nothing_faulty()
    {
        var result = FrameworkRules.Publish(FrameworkState.None, Welding with { Code = "-" });

        Assert.Equal("code", Assert.Single(Assert.IsType<PublishResult.Invalid>(result).Faults).Field);
    }

    [Fact]
    public void Retires_once_and_takes_no_further_version()
    {
        var first = Published(FrameworkState.None, Welding);
        var retired = Assert.IsType<RetireResult.Retired>(FrameworkRules.Retire(State(first), "superseded")).Event;
        var state = State(first, retired);

        Assert.Equal(new FrameworkRetired("welding", "superseded"), retired);
        Assert.IsType<RetireResult.AlreadyRetired>(FrameworkRules.Retire(state, "superseded"));
        Assert.IsType<PublishResult.Retired>(FrameworkRules.Publish(state, Changed));
        Assert.IsType<PublishResult.AlreadyPublished>(FrameworkRules.Publish(state, Welding));
    }

    [Fact]
    public void Retires_nothing_unknown_and_not_without_a_reason_code()
    {
        Assert.IsType<RetireResult.Unknown>(FrameworkRules.Retire(FrameworkState.None, "superseded"));
        Assert.IsType<RetireResult.Invalid>(FrameworkRules.Retire(State(Published(FrameworkState.None, Welding)), "Because."));
    }

    private static FrameworkPublished Published(FrameworkState state, FrameworkDefinition definition) =>
        Assert.IsType<PublishResult.Published>(FrameworkRules.Publish(state, definition)).Event;

    private static FrameworkState State(params ILedgerEvent[] events) => events.Aggregate(FrameworkState.None, FrameworkState.Evolve);
}
