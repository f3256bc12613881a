using System.Reflection;
using Inventory.Conflicts;
using Inventory.Slices.Catalog;
using Inventory.Slices.Products;
using Inventory.Tests.Products;

namespace Inventory.Tests.Properties;

/// <summary>
/// Every cell of the clash matrix is what the decisions and the fold make it, not only what somebody wrote. An event could
/// have changed the mind of whoever sent a command without knowing of it for three reasons, all seen by running them: what
/// the event did would be gone without a trace, as if it had never happened; or after such an event the product never takes the
/// command; or after the command such an event never happens, so that it ends what somebody else was just doing. What shows one
/// of them is a clash, what shows none is not. Who declared Retry has said that a refusal is answer enough, so there only the first counts.
/// </summary>
public sealed class ClashMatrixProperties
{
    /// <summary>So that a cell meets two hundred for certain: in some the command is refused before, or the event is not legal.</summary>
    private const int Cases = 800;

    /// <summary>
    /// Whoever ends or resumes a product's trade must have looked at all of it, so whatever happened to it clashes, also what the command
    /// itself does not touch: that it was counted, or sold, may be why somebody would rather keep it. Only when stock is to be called low says nothing.
    /// </summary>
    private static readonly Type[] WantAllSeen = [typeof(DiscontinueProduct), typeof(ReinstateProduct)];

    public static TheoryData<Type, Type> CompatibleCells => Cells(policy => policy.CompatibleWith);

    public static TheoryData<Type, Type> ClashingCells => Cells(policy => policy.ClashesWith);

    [Fact]
    public void The_matrix_has_cells_of_both_kinds()
    {
        Assert.NotEmpty(CompatibleCells);
        Assert.NotEmpty(ClashingCells);
    }

    [Fact]
    public void Who_wants_all_seen_clashes_with_all_but_the_reorder_point() => Assert.All(
        WantAllSeen, command => Assert.Equal([typeof(ReorderPointSet)], PolicyOf(command).CompatibleWith));

    [Theory]
    [MemberData(nameof(CompatibleCells))]
    public void A_compatible_event_leaves_the_caller_what_it_asked_for_or_a_refusal(Type command, Type e)
    {
        var compatible = PolicyOf(command).CompatibleWith;
        var (met, unmeant, accepted, followed) = (0, 0, 0, 0);
        Repeatable.ForAll(Meeting.Of(command, compatible, e), Meeting.Simpler, meeting =>
        {
            if (Met(meeting, e) is not { } wanted || !meeting.Unseen.All(lived => compatible.Contains(lived.Event.GetType())))
            {
                unmeant += IsUnmeant(meeting, e) ? 1 : 0;
                return;
            }

            met++;
            followed += meeting.CouldFollow(e, wanted) ? 1 : 0;
            if (meeting.Command.DecideOn(meeting.Current, Example.Now) is Decision.Accepted done)
            {
                accepted++;
                Assert.True(
                    Wish.IsSame(wanted, meeting.Seen, done, meeting.Current),
                    $"The caller asked for {Events(wanted)} and gets {Events(done)}.");
                var undone = Wish.Undone(wanted, meeting.Seen, done, meeting.Current);
                Assert.True(
                    undone is null,
                    $"What happened unseen to {undone} is gone without a trace, so one of these clashes: {Types(meeting.Unseen)}.");
            }
        }, Cases);

        if (met == 0 && unmeant >= 200)
        {
            return; // Wherever such an event can happen next, the command is refused: nobody means it.
        }

        Assert.True(met >= 200, $"Only {met} cases of {command.Name} met {e.Name}: make ProductMakers fit. {Repeatable.Hint}");
        Assert.True(
            PolicyOf(command).Resolve == Resolve.Retry || accepted > 0,
            $"{command.Name} was refused in all {met} cases after an unseen {e.Name}: its caller would not have sent it. Is that no clash? {Repeatable.Hint}");
        Assert.True(
            PolicyOf(command).Resolve == Resolve.Retry || followed > 0,
            $"In {met} cases no {e.Name} could happen after {command.Name}: its caller ends what somebody was just doing. Is that no clash? {Repeatable.Hint}");
    }

    [Theory]
    [MemberData(nameof(ClashingCells))]
    public void A_clashing_event_could_have_changed_the_callers_mind(Type command, Type e)
    {
        if (WantAllSeen.Contains(command))
        {
            return;
        }

        var (met, accepted, undone, followed) = (0, 0, 0, 0);
        Repeatable.ForAll(Meeting.Of(command, [], e), Meeting.Simpler, meeting =>
        {
            if (Met(meeting, e) is { } wanted)
            {
                met++;
                followed += meeting.CouldFollow(e, wanted) ? 1 : 0;
                if (meeting.Command.DecideOn(meeting.Current, Example.Now) is Decision.Accepted done)
                {
                    accepted++;
                    undone += Wish.Undone(wanted, meeting.Seen, done, meeting.Current) is null ? 0 : 1;
                }
            }
        }, Cases);

        Assert.True(met >= 200, $"Only {met} cases of {command.Name} met {e.Name}: make ProductMakers fit. {Repeatable.Hint}");
        Assert.True(
            accepted == 0 || undone > 0 || followed == 0,
            $"In {met} cases {command.Name} undid nothing that an unseen {e.Name} had done, was accepted {accepted} times after it, and could come "
            + $"before it {followed} times: a conflict would be a false one. {Repeatable.Hint}");
    }

    /// <summary>What the command comes to on what its caller saw, when an event of the type happened unseen; null when it did not, or a rule refused the command before.</summary>
    private static Decision.Accepted? Met(Meeting meeting, Type e) => meeting.Unseen.Any(lived => lived.Event.GetType() == e)
        ? meeting.Command.DecideOn(meeting.Seen, Example.Now) as Decision.Accepted
        : null;

    private static bool IsUnmeant(Meeting meeting, Type e) =>
        meeting.Unseen.Any(lived => lived.Event.GetType() == e) && meeting.Command.DecideOn(meeting.Seen, Example.Now) is Decision.Refused;

    private static string Events(Decision.Accepted decision) => string.Join(", ", decision.Events);

    private static string Types(IReadOnlyList<Lived> unseen) => string.Join(", ", unseen.Select(lived => lived.Event.GetType().Name).Distinct());

    // Not by ConflictPolicies.Of, which would throw for a matrix that is wrong before a property can say what is.
    private static OnConflictAttribute PolicyOf(Type command) => command.GetCustomAttributes<OnConflictAttribute>().First();

    private static TheoryData<Type, Type> Cells(Func<OnConflictAttribute, Type[]> events) =>
        [.. ProductMakers.CommandTypes.SelectMany(command => events(PolicyOf(command)).Select(e => (command, e)))];
}
