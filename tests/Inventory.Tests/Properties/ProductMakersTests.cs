using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Slices.Stock;
using Inventory.Tests.Products;

namespace Inventory.Tests.Properties;

/// <summary>The properties are tried on everything the service has, and on states that a product can really reach.</summary>
public sealed class ProductMakersTests
{
    public static TheoryData<Type> Commands => [.. ProductMakers.CommandTypes];

    public static TheoryData<Type> Events => [.. Product.LaterEventTypes];

    [Fact]
    public void The_commands_of_the_service_are_found() => Assert.Contains(typeof(AdjustStock), ProductMakers.CommandTypes);

    [Theory]
    [MemberData(nameof(Commands))]
    public void Of_every_command_there_are_some_that_a_product_accepts(Type command)
    {
        var accepted = 0;
        Repeatable.ForAll(Meeting.Of(command, [], null), Meeting.Simpler, meeting =>
            accepted += meeting.Command.DecideOn(meeting.Seen, Example.Now) is Decision.Accepted ? 1 : 0);

        Assert.True(accepted > 100, $"Only {accepted} of 400 random {command.Name} were accepted: make it fit the product. {Repeatable.Hint}");
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void Every_event_happens_in_random_lives(Type e)
    {
        _ = ProductMakers.Maker(e);
        var happened = 0;
        Repeatable.ForAll(Story.Any, Story.Simpler, story => happened += story.Life.Any(lived => lived.Event.GetType() == e) ? 1 : 0);

        Assert.True(happened > 20, $"Only {happened} of 400 random lives had a {e.Name}. {Repeatable.Hint}");
    }

    [Fact]
    public void A_type_without_a_maker_is_told_where_to_write_one()
    {
        var command = Assert.Throws<InvalidOperationException>(() => ProductMakers.Command(typeof(Meeting), new Draw(0, 0), Example.Product()));
        var e = Assert.Throws<InvalidOperationException>(() => ProductMakers.Maker(typeof(Meeting)));

        Assert.Contains("add [typeof(Meeting)] = (draw, product) => new Meeting(product.Id, …) to ProductMakers.OfCommands", command.Message, StringComparison.Ordinal);
        Assert.Contains("add [typeof(Meeting)] = By<…the command that makes it>() to ProductMakers.OfEvents", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reached_product_keeps_within_its_limits() => Repeatable.ForAll(Story.Any, Story.Simpler, story =>
        Assert.All(story.Life, lived =>
        {
            Assert.InRange(lived.After.Reserved, 0, lived.After.OnHand);
            Assert.InRange(lived.After.OnHand, 0, ProductLimits.QuantityUnitsMax);
            Assert.Equal(lived.After.OnHand - lived.After.Reserved, lived.After.Available);
        }));
}
