using Npgsql;
using Testcontainers.PostgreSql;

namespace Inventory.Tests.Hosting;

/// <summary>
/// The PostgreSQL server of a test run: the one the environment names, else one in a container when an engine answers,
/// else a private one. Every test class makes a database of its own on it.
/// </summary>
public sealed class DatabaseServer : IAsyncLifetime
{
    private PostgreSqlContainer? _container;
    private string? _connectionString;

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("ConnectionStrings__Inventory") is { Length: > 0 } configured)
        {
            _connectionString = configured;
        }
        else if (await DockerEngine.AnswersAsync())
        {
            _container = new PostgreSqlBuilder("postgres:17-alpine").Build();
            await _container.StartAsync();
            _connectionString = _container.GetConnectionString();
        }
    }

    public async Task<string> CreateDatabaseAsync(string name)
    {
        var server = new NpgsqlConnectionStringBuilder(_connectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var drop = new NpgsqlCommand($"drop database if exists \"{name}\" with (force)", connection);
        await drop.ExecuteNonQueryAsync();
        await using var create = new NpgsqlCommand($"create database \"{name}\"", connection);
        await create.ExecuteNonQueryAsync();
        server.Database = name;
        server.Pooling = true;
        server.MaxPoolSize = 40;
        return server.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        if (_container is not null)
        {
            await _container.DisposeAsync();
        }
    }
}
