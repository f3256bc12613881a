using Npgsql;

namespace Inventory.Conflicts;

/// <summary>Tells failures of the database, and of the way to it, from defects of the program.</summary>
public static class DatabaseFailure
{
    /// <summary>Whether an exception is such a failure, or was caused by one: the same may well succeed a moment later.</summary>
    public static bool Is(Exception exception) => Find(exception) is not null;

    /// <summary>The failure itself; null when there is none.</summary>
    internal static Exception? Find(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is NpgsqlException || IsLostReader(e))
            {
                return e;
            }
        }

        return null;
    }

    // A connection that is reset while a command is being sent can take the reader away from under the driver (npgsql/npgsql#6264).
    private static bool IsLostReader(Exception e) => e is NullReferenceException && e.Source == typeof(NpgsqlException).Assembly.GetName().Name;
}
