using System.Globalization;
using Npgsql;

namespace Inventory.Slices.Hosting;

/// <summary>
/// A node's clock has to be that of the database. Nodes tell by their clocks which others are dead, so one that is far off takes the others' work away from
/// them again and again; and it would say that a list is younger than it is.
/// </summary>
public static class SameClock
{
    /// <summary>How far the two may be apart: a third of the time after which a node is taken for dead.</summary>
    public static readonly TimeSpan ApartMax = TimeSpan.FromSeconds(2);

    /// <summary>How far this machine's clock is from the database's at least; above zero when it is ahead.</summary>
    public static async Task<TimeSpan> ApartAsync(NpgsqlDataSource database, TimeProvider clock, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(clock);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand("select clock_timestamp()", connection);
        var asked = clock.GetUtcNow();
        var there = new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellation))!);
        var answered = clock.GetUtcNow();
        // It was read in between: however long the answer took, that is no difference.
        return there < asked ? asked - there : there > answered ? answered - there : TimeSpan.Zero;
    }

    /// <summary>What is wrong with the two clocks, and what to do; null when nothing is.</summary>
    public static string? Fault(TimeSpan apart) => apart.Duration() <= ApartMax
        ? null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"This machine's clock is {apart.Duration().TotalSeconds:0} s {(apart > TimeSpan.Zero ? "ahead of" : "behind")} the database's. Set both by NTP: nodes tell by their clocks which others are alive.");

    /// <summary>Refuses to start on a machine whose clock is another, and gives the database's time as this machine can tell it.</summary>
    /// <exception cref="StartRefusedException">The clocks are further apart than <see cref="ApartMax"/>.</exception>
    public static async Task<TimeProvider> RequireAsync(Database database)
    {
        ArgumentNullException.ThrowIfNull(database);
        if (!database.IsThere)
        {
            return TimeProvider.System;
        }

        await using var connections = NpgsqlDataSource.Create(database.ConnectionString);
        var apart = await ApartAsync(connections, TimeProvider.System, CancellationToken.None);
        return Fault(apart) is { } fault ? throw new StartRefusedException(fault) : new DatabaseClock(apart);
    }
}

/// <summary>
/// The database's time: this machine's clock less what it was ahead at the start. Events carry it, so that the age of a list, which
/// is counted by the database's clock, is not short by the difference of the two.
/// </summary>
/// <param name="ahead">How far this machine's clock is ahead of the database's; below zero when it is behind.</param>
internal sealed class DatabaseClock(TimeSpan ahead) : TimeProvider
{
    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - ahead;
}
