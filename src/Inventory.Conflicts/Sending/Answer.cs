namespace Inventory.Conflicts;

/// <summary>
/// An answer in the form in which a caller gets it and its receipt keeps it, so that a replay is the same to the byte.
/// </summary>
/// <param name="Status">The HTTP status code (RFC 9110, section 15).</param>
/// <param name="Version">The stream's version that the answer is true of; null when it is about none.</param>
/// <param name="Location">Where what was created is found, or null.</param>
/// <param name="Body">The body: JSON.</param>
public sealed record Answer(int Status, long? Version, string? Location, string Body);

/// <summary>Puts outcomes into the form of an <see cref="Answer"/>. Pure: it runs inside the transaction, before the commit.</summary>
/// <typeparam name="TAggregate">The aggregate the commands address.</typeparam>
public interface IAnswers<TAggregate>
{
    /// <summary>The answer to a command that was accepted or refused.</summary>
    Answer Of(object command, CommandContext context, Outcome<TAggregate> outcome);
}
