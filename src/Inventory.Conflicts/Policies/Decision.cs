namespace Inventory.Conflicts;

/// <summary>
/// What a command comes to, given a state: the events to append, or the reason why a rule refuses it. A refusal is a
/// value, because it is an ordinary answer.
/// </summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>The command is accepted and these events are its effect, in order. Never empty.</summary>
    public sealed record Accepted(IReadOnlyList<object> Events) : Decision;

    /// <summary>A rule of the domain refuses the command. No event is appended.</summary>
    public sealed record Refused(Refusal Refusal) : Decision;

    /// <summary>Accepts the command with these events.</summary>
    public static Decision Accept(params object[] events) => new Accepted(events);

    /// <summary>Refuses the command.</summary>
    public static Decision Refuse(Refusal refusal) => new Refused(refusal);
}

/// <summary>
/// A rule's refusal. Each rule has its own record that carries the numbers the caller needs in order to go on.
/// </summary>
/// <param name="Detail">One sentence for a person: what was refused, and what to do about it.</param>
public abstract record Refusal(string Detail)
{
    /// <summary>
    /// Whether a request that was refused so is answered so again when it is sent again under its key. Default: true. False for
    /// what says only that something is not there: when it is, the same request is executed.
    /// </summary>
    public virtual bool IsFinal => true;
}
