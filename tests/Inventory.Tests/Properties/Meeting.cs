using FsCheck;
using FsCheck.Fluent;
using Inventory.Conflicts;
using Inventory.Slices.Products;

namespace Inventory.Tests.Properties;

/// <summary>A command meets what its caller has not seen.</summary>
internal sealed class Meeting
{
    private readonly Type _type;
    private readonly Story _story;
    private readonly Draw _asked;
    private readonly IReadOnlyList<Step> _steps;

    private Meeting(Type command, Story story, Draw asked, IReadOnlyList<Step> steps)
    {
        (_type, _story, _asked, _steps) = (command, story, asked, steps);
        Command = ProductMakers.Command(command, asked, Seen);
        Unseen = Story.Live(Seen, steps);
    }

    /// <summary>The state the caller decided on.</summary>
    public Product Seen => _story.Product;

    /// <summary>What the caller wants of it.</summary>
    public ICommand<Product> Command { get; }

    /// <summary>What happened before the command came.</summary>
    public IReadOnlyList<Lived> Unseen { get; }

    /// <summary>The state the command meets.</summary>
    public Product Current => Unseen.Count == 0 ? Seen : Unseen[^1].After;

    /// <summary>Whether an event of a type that happened unseen could have happened after the command, had that come first.</summary>
    public bool CouldFollow(Type e, Decision.Accepted wanted)
    {
        var after = wanted.Events.Aggregate(Seen, (state, done) => Product.Fold(state, state.Id, done));
        return _steps.Any(step => step.Event == e && ProductMakers.Happens(e, step.Draw, after).Count > 0);
    }

    /// <summary>Meetings of a command with an event of one type, if any, in the midst of others of some types.</summary>
    public static Gen<Meeting> Of(Type command, IReadOnlyList<Type> others, Type? e) =>
        from life in Story.Any
        from lead in Lead(Leads(command, e))
        let story = lead.Aggregate(life, (longer, step) => longer.And(step))
        from asked in Draw.Any
        from before in Some(others)
        from step in e is null ? Gen.Constant(Array.Empty<Step>()) : Gen.ArrayOf(Step.Of([e]), 1)
        from after in Some(others)
        select new Meeting(command, story, asked, [.. before, .. step, .. after]);

    public static IEnumerable<Meeting> Simpler(Meeting meeting) =>
    [
        .. Repeatable.Simpler(meeting._steps, step => step.Simpler()).Select(steps => new Meeting(meeting._type, meeting._story, meeting._asked, steps)),
        .. Story.Simpler(meeting._story).Select(story => new Meeting(meeting._type, story, meeting._asked, meeting._steps)),
        .. meeting._asked.Simpler().Select(asked => new Meeting(meeting._type, meeting._story, asked, meeting._steps)),
    ];

    public override string ToString() => $"seen: {_story}; asked: {Command}; unseen: {string.Join(", ", Unseen.Select(lived => lived.Event))}";

    private static Gen<Step[]> Lead(List<Type> types) => types.Count == 0
        ? Gen.Constant(Array.Empty<Step>())
        : from draws in Gen.ArrayOf(Draw.Any, types.Count) select types.Zip(draws, (type, draw) => new Step(type, draw)).ToArray();

    private static List<Type> Leads(Type command, Type? e) =>
        [.. new[] { command, e }.Where(type => type is not null && ProductMakers.Before.ContainsKey(type)).Select(type => ProductMakers.Before[type!]).Distinct()];

    private static Gen<Step[]> Some(IReadOnlyList<Type> types) => types.Count == 0
        ? Gen.Constant(Array.Empty<Step>())
        : from count in Gen.Choose(0, 2) from steps in Gen.ArrayOf(Step.Of(types), count) select steps;
}
