using FsCheck;
using FsCheck.Fluent;
using Inventory.Slices.Products;
using Inventory.Tests.Products;

namespace Inventory.Tests.Properties;

/// <summary>Something that is tried on a product: an event of this type, as far as it is legal then.</summary>
internal sealed record Step(Type Event, Draw Draw)
{
    /// <summary>Steps by which events of some of the types come about.</summary>
    public static Gen<Step> Of(IEnumerable<Type> types)
    {
        var type = Gen.Frequency(types.Select(type => (ProductMakers.Maker(type).Weight, Gen.Constant(type))));
        return from e in type from draw in Draw.Any select new Step(e, draw);
    }

    public IEnumerable<Step> Simpler() => Draw.Simpler().Select(draw => this with { Draw = draw });
}

/// <summary>An event and the state right after it.</summary>
internal sealed record Lived(object Event, Product After);

/// <summary>A life of a product up to some state that it can reach: its creation and what came of some steps.</summary>
internal sealed class Story
{
    private readonly Draw _birth;
    private readonly IReadOnlyList<Step> _steps;

    private Story(Draw birth, IReadOnlyList<Step> steps)
    {
        (_birth, _steps) = (birth, steps);

        // One in ten has almost as much on hand as a product may have.
        var created = new ProductCreated("W-1", birth.Word, birth.Kind == Draw.KindMax ? ProductLimits.QuantityUnitsMax - birth.Amount : birth.Amount);
        var born = new Lived(created, Product.Fold(null, Example.Id, created));
        Life = [born, .. Live(born.After, steps)];
    }

    public static Gen<Story> Any { get; } =
        from birth in Draw.Any
        from count in Gen.Choose(0, 12)
        from steps in Gen.ListOf(Step.Of(Product.LaterEventTypes), count)
        select new Story(birth, [.. steps]);

    /// <summary>The same life with one more step, if that is legal.</summary>
    public Story And(Step step) => new(_birth, [.. _steps, step]);

    /// <summary>Its events with the states they left.</summary>
    public IReadOnlyList<Lived> Life { get; }

    /// <summary>The state it has reached.</summary>
    public Product Product => Life[^1].After;

    /// <summary>What comes of some steps on a state.</summary>
    public static IReadOnlyList<Lived> Live(Product start, IReadOnlyList<Step> steps)
    {
        var life = new List<Lived>();
        var product = start;
        foreach (var step in steps)
        {
            foreach (var e in ProductMakers.Happens(step.Event, step.Draw, product))
            {
                product = Product.Fold(product, product.Id, e);
                life.Add(new Lived(e, product));
            }
        }

        return life;
    }

    public static IEnumerable<Story> Simpler(Story story) =>
    [
        .. Repeatable.Simpler(story._steps, step => step.Simpler()).Select(steps => new Story(story._birth, steps)),
        .. story._birth.Simpler().Select(birth => new Story(birth, story._steps)),
    ];

    public override string ToString() => string.Join(", ", Life.Select(lived => lived.Event));
}
