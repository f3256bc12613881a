using Npgsql;

namespace Inventory.Conflicts;

/// <summary>Recognises that the way to the database, or its server, was lost: the same may well succeed on another connection.</summary>
internal static class LostConnection
{
    public static bool Is(Exception exception) => DatabaseFailure.Find(exception) switch
    {
        null => false,
        // Class 08: connection exception. Class 57P: the server shuts down, crashed or is starting up (PostgreSQL, appendix A).
        PostgresException postgres => postgres.SqlState.StartsWith("08", StringComparison.Ordinal)
            || postgres.SqlState.StartsWith("57P", StringComparison.Ordinal),
        _ => true,
    };
}
