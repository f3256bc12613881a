using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>A product after some of its events. The rules are written down once more here: the service's own fold is what is verified.</summary>
internal readonly record struct ProductState(long Version, string Name, int OnHand, int Reserved, bool Discontinued)
{
    public int? ReorderPoint { get; init; }

    public int Available => OnHand - Reserved;

    /// <summary>Whether no more is available than at the reorder point.</summary>
    public bool IsLow => Available <= ReorderPoint;

    /// <summary>The state after one more event.</summary>
    public ProductState After(LoggedEvent e)
    {
        var next = this with { Version = Version + 1 };
        return e.Type switch
        {
            LoggedEvent.Created => next with { Name = e.Text ?? "", OnHand = e.Amount },
            LoggedEvent.Renamed => next with { Name = e.Text ?? "" },
            LoggedEvent.Adjusted => next with { OnHand = OnHand + e.Amount },
            LoggedEvent.Counted => next with { OnHand = e.Amount },
            LoggedEvent.ReorderPointSet => next with { ReorderPoint = e.Amount },
            LoggedEvent.Reserved => next with { Reserved = Reserved + e.Amount },
            LoggedEvent.Committed => next with { OnHand = OnHand - e.Amount, Reserved = Reserved - e.Amount - e.Returned },
            LoggedEvent.Discontinued => next with { Discontinued = true },
            LoggedEvent.Reinstated => next with { Discontinued = false },
            LoggedEvent.Released or LoggedEvent.Expired => next with { Reserved = Reserved - e.Amount },
            _ => next,
        };
    }

    /// <summary>Whether somebody was shown exactly this.</summary>
    public bool IsShownAs(Shown shown) =>
        (Version, Name, OnHand, Reserved, Available, ReorderPoint, Discontinued)
        == (shown.Version, shown.Name, shown.OnHand, shown.Reserved, shown.Available, shown.ReorderPoint, shown.Discontinued);

    /// <summary>How it has to be shown.</summary>
    public Shown ShownOf(Guid product) => new(product, Version, Name, OnHand, Reserved, Available, ReorderPoint, Discontinued);

    private string Low => ReorderPoint is { } point ? $", low below {point}" : "";

    public override string ToString() => $"“{Name}” with {OnHand} on hand and {Reserved} reserved{Low}{(Discontinued ? ", discontinued," : "")} at version {Version}";
}
