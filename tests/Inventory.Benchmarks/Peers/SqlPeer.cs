using System.Globalization;
using Inventory.Benchmarks.Load;
using Npgsql;

namespace Inventory.Benchmarks.Peers;

/// <summary>
/// Plain SQL, driven by pgbench with prepared statements: a stock row that is updated while there is enough, and a movement.
/// </summary>
internal sealed class SqlPeer(string connectionString, string pgbench, string folder)
{
    private const string Hot = """
        BEGIN;
        UPDATE stock SET qty = qty - 1 WHERE id = 1 AND qty >= 1;
        INSERT INTO movement (stock_id, delta, reason) VALUES (1, -1, 'sale');
        COMMIT;
        """;

    private const string Spread = """
        \set id random(1, 1000)
        BEGIN;
        UPDATE stock SET qty = qty - 1 WHERE id = :id AND qty >= 1;
        INSERT INTO movement (stock_id, delta, reason) VALUES (:id, -1, 'sale');
        COMMIT;
        """;

    /// <summary>A unit is promised, and leaves: two transactions, as the two requests are.</summary>
    private const string Reserve = """
        BEGIN;
        UPDATE stock SET reserved = reserved + 1 WHERE id = 1 AND qty - reserved >= 1;
        INSERT INTO reservation (stock_id, quantity, expires_at) VALUES (1, 1, now() + interval '30 days') RETURNING id \gset
        COMMIT;
        BEGIN;
        UPDATE stock SET qty = qty - 1, reserved = reserved - 1 WHERE id = 1;
        UPDATE reservation SET committed_at = now() WHERE id = :id AND committed_at IS NULL;
        INSERT INTO movement (stock_id, delta, reason) VALUES (1, -1, 'sale');
        COMMIT;
        """;

    private const string Cte = """
        WITH taken AS (UPDATE stock SET qty = qty - 1 WHERE id = 1 AND qty >= 1 RETURNING id)
        INSERT INTO movement (stock_id, delta, reason) SELECT id, -1, 'sale' FROM taken;
        """;

    /// <summary>The variants by name.</summary>
    public static IReadOnlyDictionary<string, string> Scripts { get; } =
        new Dictionary<string, string> { ["sql-hot"] = Hot, ["sql-spread"] = Spread, ["sql-cte"] = Cte, ["sql-reserve"] = Reserve };

    /// <summary>Makes the tables, with 1,000 stock rows.</summary>
    public async Task PrepareAsync()
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            create table stock (id int primary key, qty bigint not null, reserved bigint not null default 0);
            create table reservation (id bigserial primary key, stock_id int not null, quantity int not null, expires_at timestamptz not null, committed_at timestamptz);
            create table movement (id bigserial primary key, stock_id int not null, delta int not null, reason text not null, at timestamptz not null default now());
            insert into stock (id, qty) select n, 1000000000 from generate_series(1, 1000) n;
            """, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Runs a variant.</summary>
    public async Task<LoadResult> RunAsync(string name, int callers, int seconds)
    {
        var script = Path.Combine(folder, $"{name}.sql");
        await File.WriteAllTextAsync(script, Scripts[name]);
        var prefix = Path.Combine(folder, $"{name}-{callers}");
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var output = await Child.RunAsync(
            pgbench,
            [
                "-n", "-M", "prepared", "-f", script, "-c", callers.ToString(CultureInfo.InvariantCulture), "-j", Math.Min(callers, 2).ToString(CultureInfo.InvariantCulture),
                "-T", seconds.ToString(CultureInfo.InvariantCulture), "--log", $"--log-prefix={prefix}",
                "-h", settings.Host!, "-p", settings.Port.ToString(CultureInfo.InvariantCulture), "-U", settings.Username!, settings.Database!,
            ],
            environment: [("PGPASSWORD", settings.Password ?? "")]);
        var perSecond = output.Split('\n').FirstOrDefault(line => line.StartsWith("tps = ", StringComparison.Ordinal)) is { } tps
            ? double.Parse(tps.Split(' ')[2], CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"pgbench does not say how many transactions it made: {output}");
        var (p50, p99) = Percentiles(Path.GetFileName(prefix));
        return new LoadResult(perSecond, 0, 0, p50, p99);
    }

    /// <summary>From the log of every transaction; its third column is the time in microseconds.</summary>
    private (double P50, double P99) Percentiles(string prefix)
    {
        var times = new List<double>();
        foreach (var log in Directory.EnumerateFiles(folder, prefix + "*"))
        {
            times.AddRange(File.ReadLines(log).Select(line => double.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture) / 1000));
            File.Delete(log);
        }

        times.Sort();
        return (times[times.Count / 2], times[(int)(times.Count * 0.99)]);
    }
}
