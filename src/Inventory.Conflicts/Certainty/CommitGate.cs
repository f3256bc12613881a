using JasperFx;
using Marten;
using Marten.Internal.Sessions;
using Npgsql;

namespace Inventory.Conflicts;

/// <summary>
/// Stands right before a session's COMMIT: from here on its commands are in doubt until the server has answered. It lets
/// nothing through whose sender was told already, and nothing that was decided on another history of the database.
/// </summary>
internal sealed class CommitGate : ITransactionParticipant
{
    private readonly IReadOnlyCollection<Certainty> _commands;
    private readonly Func<bool> _isSameHistory;

    private CommitGate(IReadOnlyCollection<Certainty> commands, Func<bool> isSameHistory) =>
        (_commands, _isSameHistory) = (commands, isSameHistory);

    /// <summary>Puts a gate before the session's next commit.</summary>
    /// <param name="session">The session.</param>
    /// <param name="commands">Whose events and receipts it commits.</param>
    /// <param name="isSameHistory">Whether the states they were decided on are of the database that is connected now.</param>
    public static void Guard(IDocumentSession session, IReadOnlyCollection<Certainty> commands, Func<bool>? isSameHistory = null) =>
        ((DocumentSessionBase)session).AddTransactionParticipant(new CommitGate(commands, isSameHistory ?? (static () => true)));

    /// <inheritdoc/>
    public Task BeforeCommitAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        if (!_isSameHistory())
        {
            throw new ConcurrencyException("The database is not the one that the commands were decided on.", typeof(CommitGate), transaction);
        }

        if (_commands.Any(command => command.IsClosed) || !_commands.All(command => command.TrySend()))
        {
            throw new DeadlinePassed();
        }

        return Task.CompletedTask;
    }
}
