using Npgsql;

namespace Inventory.Conflicts;

/// <summary>What an exception says about the transaction in which it was thrown.</summary>
internal static class CommitFate
{
    /// <summary>
    /// Whether the connection was lost, or the server stopped, so that nobody told whether a commit on its way was done.
    /// Everything else that PostgreSQL reports, it reports about a transaction that it has undone.
    /// </summary>
    public static bool IsInDoubt(Exception exception) => DatabaseFailure.Find(exception) switch
    {
        null => false,
        // Class 08: connection exception. Class 57P: the server shuts down, crashed or is starting up.
        PostgresException postgres => postgres.SqlState.StartsWith("08", StringComparison.Ordinal) || postgres.SqlState.StartsWith("57P", StringComparison.Ordinal),
        _ => true,
    };
}
