using Inventory.LocalPostgres;
using Npgsql;
using Testcontainers.PostgreSql;

namespace Inventory.Tests.Hosting;

/// <summary>
/// The PostgreSQL server of a test run: the one the environment names, else one in a container when an engine answers,
/// else a private one. Every test class makes a database of its own on it. It is started for the first that does, so that tests without one do not wait for it.
/// </summary>
public sealed class DatabaseServer : IAsyncDisposable
{
    private readonly Lazy<Task<string>> _connectionString;
    private PostgreSqlContainer? _container;
    private LocalPostgresServer? _privateServer;

    public DatabaseServer() => _connectionString = new Lazy<Task<string>>(StartAsync);

    /// <summary>Makes an empty database; one of that name that an earlier run left is dropped.</summary>
    public async Task<string> CreateDatabaseAsync(string name)
    {
        await DropDatabaseAsync(name);
        await ExecuteAsync($"create database \"{name}\"");
        return new NpgsqlConnectionStringBuilder(await _connectionString.Value) { Database = name, MaxPoolSize = 40 }.ConnectionString;
    }

    public Task DropDatabaseAsync(string name) => ExecuteAsync($"drop database if exists \"{name}\" with (force)");

    private async Task<string> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("ConnectionStrings__Inventory") is { Length: > 0 } configured)
        {
            return configured;
        }

        if (await DockerEngine.AnswersAsync())
        {
            _container = new PostgreSqlBuilder("postgres:17-alpine").Build();
            await _container.StartAsync();
            return _container.GetConnectionString();
        }

        // One folder for all runs: what a killed run left behind is taken over by the next.
        _privateServer = await LocalPostgresServer.StartAsync(
            new LocalPostgresOptions { DataFolder = Path.Combine(Path.GetTempPath(), "inventory-slices-tests", "postgres"), Database = "postgres" },
            CancellationToken.None);
        return _privateServer.ConnectionString;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(await _connectionString.Value) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_container is not null)
        {
            await _container.DisposeAsync();
        }

        if (_privateServer is not null)
        {
            await _privateServer.DisposeAsync();
        }
    }
}
