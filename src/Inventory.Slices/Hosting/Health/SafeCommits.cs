using Npgsql;

namespace Inventory.Slices.Hosting;

/// <summary>The settings of PostgreSQL without which a commit that was acknowledged can be lost when a machine or the server dies.</summary>
public static class SafeCommits
{
    /// <summary>Those that are off on a connection.</summary>
    public static async Task<IReadOnlyList<string>> OffAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var command = database.CreateCommand(
            "select name from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name");
        var off = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            off.Add(reader.GetString(0));
        }

        return off;
    }

    /// <summary>Refuses to start in production on a database that may lose what it acknowledged.</summary>
    /// <exception cref="StartRefusedException">A setting is off.</exception>
    public static async Task RequireAsync(Database database, IHostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(database);
        if (!database.IsThere || !environment.IsProduction())
        {
            return;
        }

        await using var connections = NpgsqlDataSource.Create(database.ConnectionString);
        if (await OffAsync(connections, CancellationToken.None) is { Count: > 0 } off)
        {
            throw new StartRefusedException(
                $"The database would lose acknowledged changes when it crashes: {string.Join(", ", off)} is off. "
                + $"Turn it on (ALTER SYSTEM SET {off[0]} = on; SELECT pg_reload_conf();) and start the service again. "
                + "To try it on such a database all the same, set ASPNETCORE_ENVIRONMENT=Development.");
        }
    }
}
