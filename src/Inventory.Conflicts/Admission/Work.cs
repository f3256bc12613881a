namespace Inventory.Conflicts;

/// <summary>
/// A kind of work that takes connections to the database. Each has a budget of its own (<see cref="Admission"/>).
/// </summary>
public enum Work
{
    /// <summary>A commit of folded commands, with what it reads.</summary>
    Batch,

    /// <summary>A command that is executed on its own by its handler.</summary>
    CommandAlone,

    /// <summary>A command on several streams.</summary>
    Order,

    /// <summary>A read of one stream or one row, exact.</summary>
    ExactRead,

    /// <summary>A question for many rows: a list, a search, a report.</summary>
    List,

    /// <summary>A read on behalf of those who follow changes.</summary>
    Stream,

    /// <summary>A part of a file that is sent while it is read.</summary>
    Export,

    /// <summary>An import's look-ups and its progress; its commands are admitted like everybody's.</summary>
    Import,

    /// <summary>A projection that applies events. Its framework bounds it; nobody enters for it.</summary>
    Projection,

    /// <summary>
    /// What the queues of messages read and write. Their settings bound it; nobody enters for it. Handlers send
    /// commands, which are admitted like everybody's.
    /// </summary>
    Message,
}
