using CsCheck;
using LearningLedger.Cohorts;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Tests.Frameworks;

namespace LearningLedger.Tests.Cohorts;

public class CohortTests
{
    private static readonly DateTimeOffset Day0 = new(2025, 9, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Guid Ada = new("4f0d7a36-6f0e-4a52-9d7c-2f6f3a1b8c01");
    private static readonly Guid Ben = new("4f0d7a36-6f0e-4a52-9d7c-2f6f3a1b8c02");
    private static readonly CohortOpened Opened = new("autumn", "Autumn", "welding", 1);

    private static readonly FrameworkState Welding = FrameworkState.Evolve(
        FrameworkState.None, ((PublishResult.Published)FrameworkRules.Publish(FrameworkState.None, FrameworkSamples.Welding)).Event);

    private static readonly CohortState Open = Fold((0, Opened));

    [Fact]
    public void Opens_under_a_published_framework()
    {
        Assert.Equal(new CohortResult.Changed(Opened), CohortRules.Open(CohortState.None, "autumn", "Autumn", Welding, 1));
        Assert.Equal(
            new CohortResult.Changed(Opened with { FrameworkVersion = null }), CohortRules.Open(CohortState.None, "autumn", "Autumn", Welding, null));
    }

    [Fact]
    public void Opens_once()
    {
        Assert.IsType<CohortResult.Unchanged>(CohortRules.Open(Open, "autumn", "Autumn", Welding, 1));
        Assert.Equal(new CohortResult.Refused(CohortRefusal.OpenedOtherwise), CohortRules.Open(Open, "autumn", "Fall", Welding, 1));
    }

    [Fact]
    public void Names_every_fault_of_an_opening()
    {
        var result = Assert.IsType<CohortResult.Invalid>(CohortRules.Open(CohortState.None, "Autumn 25", " ", Welding, 2));
        var nothing = Assert.IsType<CohortResult.Invalid>(CohortRules.Open(CohortState.None, null, null, FrameworkState.None, null));

        Assert.Equal(["code", "name", "version"], result.Faults.Select(f => f.Field));
        Assert.Equal(["code", "name", "framework"], nothing.Faults.Select(f => f.Field));
    }

    [Fact]
    public void Does_not_open_under_a_retired_framework() => Assert.Equal(
        new CohortResult.Refused(CohortRefusal.FrameworkRetired),
        CohortRules.Open(CohortState.None, "autumn", "Autumn", FrameworkState.Evolve(Welding, new FrameworkRetired("welding", "superseded")), 1));

    [Fact]
    public void Takes_a_learner_in_once()
    {
        Assert.Equal(new CohortResult.Changed(new CohortJoined("autumn", Ada)), CohortRules.Join(Open, Ada, Day(1)));

        var joined = Fold((0, Opened), (1, new CohortJoined("autumn", Ada)));
        Assert.IsType<CohortResult.Unchanged>(CohortRules.Join(joined, Ada, Day(2)));
        Assert.IsType<CohortResult.Changed>(CohortRules.Join(joined, Ada, Day(0)));
        Assert.IsType<CohortResult.Changed>(CohortRules.Join(joined, Ben, Day(2)));
    }

    [Fact]
    public void Lets_only_a_member_leave()
    {
        var joined = Fold((0, Opened), (2, new CohortJoined("autumn", Ada)));

        Assert.Equal(new CohortResult.Changed(new CohortLeft("autumn", Ada)), CohortRules.Leave(joined, Ada, Day(3)));
        Assert.Equal(new CohortResult.Refused(CohortRefusal.NotAMember), CohortRules.Leave(joined, Ada, Day(1)));
        Assert.Equal(new CohortResult.Refused(CohortRefusal.NotAMember), CohortRules.Leave(joined, Ben, Day(3)));
    }

    [Fact]
    public void Closes_once_and_then_takes_nobody_in_but_hears_who_left()
    {
        var joined = Fold((0, Opened), (1, new CohortJoined("autumn", Ada)));
        Assert.Equal(new CohortResult.Changed(new CohortClosed("autumn", "finished")), CohortRules.Close(joined, "finished"));

        var closed = Fold((0, Opened), (1, new CohortJoined("autumn", Ada)), (9, new CohortClosed("autumn", "finished")));
        Assert.IsType<CohortResult.Unchanged>(CohortRules.Close(closed, "finished"));
        Assert.Equal(new CohortResult.Refused(CohortRefusal.Closed), CohortRules.Join(closed, Ben, Day(2)));
        Assert.IsType<CohortResult.Changed>(CohortRules.Leave(closed, Ada, Day(2)));
    }

    [Fact]
    public void Decides_nothing_about_a_cohort_that_was_never_opened()
    {
        var unknown = new CohortResult.Refused(CohortRefusal.Unknown);

        Assert.Equal(unknown, CohortRules.Join(CohortState.None, Ada, Day0));
        Assert.Equal(unknown, CohortRules.Leave(CohortState.None, Ada, Day0));
        Assert.Equal(unknown, CohortRules.Close(CohortState.None, "finished"));
        Assert.IsType<CohortResult.Invalid>(CohortRules.Close(Open, "Finished!"));
    }

    [Fact]
    public void Counts_membership_from_joining_up_to_but_not_at_leaving()
    {
        var state = Fold((1, new CohortJoined("autumn", Ada)), (3, new CohortLeft("autumn", Ada)), (5, new CohortJoined("autumn", Ada)));

        Assert.Equal([new Membership(Day(1), Day(3)), new Membership(Day(5), null)], state.MembershipsOf(Ada));
        Assert.Equal([false, true, true, false, false, true, true], Enumerable.Range(0, 7).Select(day => state.IsMember(Ada, Day(day))));
        Assert.Equal([Ada], state.MembersAt(Day(2)));
        Assert.Empty(state.MembersAt(Day(4)));
    }

    [Fact]
    public void Orders_moves_of_one_instant_by_sequence()
    {
        Assert.Empty(Fold((1, new CohortJoined("autumn", Ada)), (1, new CohortLeft("autumn", Ada))).MembershipsOf(Ada));
        Assert.Equal(
            [new Membership(Day(1), null)], Fold((1, new CohortLeft("autumn", Ada)), (1, new CohortJoined("autumn", Ada))).MembershipsOf(Ada));
    }

    [Fact]
    public void Gives_one_membership_whatever_order_the_facts_came_in() =>
        Moves.SelectMany(moves => Gen.Shuffle(moves).Select(shuffled => (moves, shuffled))).Sample((moves, shuffled) =>
            Assert.Equal(Memberships(moves), Memberships(shuffled)));

    [Fact]
    public void Agrees_at_every_time_with_the_last_word_said_by_then() =>
        Moves.Sample(moves =>
        {
            var state = moves.Aggregate(CohortState.None, CohortState.Evolve);
            foreach (var day in Enumerable.Range(-1, 14))
            {
                var last = moves.Where(m => m.Occurred <= Day(day)).OrderBy(m => m.Occurred).ThenBy(m => m.Sequence).LastOrDefault();
                Assert.Equal(last?.Data is CohortJoined, state.IsMember(Ada, Day(day)));
            }
        });

    [Fact]
    public void Decides_nothing_that_changes_nothing_and_nothing_else() =>
        Gen.Select(Moves, Gen.Int[0, 12], Gen.Bool).Sample((moves, day, joins) =>
        {
            var state = moves.Aggregate(Open, CohortState.Evolve);
            ILedgerEvent body = joins ? new CohortJoined("autumn", Ada) : new CohortLeft("autumn", Ada);
            var result = joins ? CohortRules.Join(state, Ada, Day(day)) : CohortRules.Leave(state, Ada, Day(day));
            var after = CohortState.Evolve(state, Recorded(Day(day), 1_000, body));
            Assert.Equal(result is CohortResult.Changed, state.IsMember(Ada, Day(day)) != after.IsMember(Ada, Day(day)));
        });

    private static readonly Gen<RecordedEvent[]> Moves =
        Gen.Select(Gen.Int[0, 10], Gen.Bool).Array[0, 8].Select(moves => moves
            .Select((m, i) => Recorded(Day(m.Item1), i + 1, m.Item2 ? new CohortJoined("autumn", Ada) : new CohortLeft("autumn", Ada)))
            .ToArray());

    private static IReadOnlyList<Membership> Memberships(RecordedEvent[] events) =>
        events.Aggregate(CohortState.None, CohortState.Evolve).MembershipsOf(Ada);

    private static DateTimeOffset Day(int n) => Day0.AddDays(n);

    private static CohortState Fold(params (int Day, ILedgerEvent Body)[] events) =>
        events.Select((e, i) => Recorded(Day(e.Day), i + 1, e.Body)).Aggregate(CohortState.None, CohortState.Evolve);

    private static RecordedEvent Recorded(DateTimeOffset occurred, long sequence, ILedgerEvent body) => new(
        LedgerIds.Derive("test", sequence),
        EventCatalog.Of(body.GetType()).Name,
        LedgerIds.Cohort("acme", "autumn"),
        sequence,
        sequence,
        occurred,
        Day(99),
        "key:test",
        null,
        body);
}
