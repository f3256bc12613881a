using System.Diagnostics;
using Inventory.Slices.Hosting;
using Inventory.Tests.Hosting;
using Npgsql;

namespace Inventory.Tests.Processes;

/// <summary>A start that cannot succeed says what to change, without a stack trace.</summary>
public sealed class RefusedStarts(DatabaseServer server)
{
    [Fact]
    public async Task In_production_on_a_database_that_may_lose_what_it_acknowledged()
    {
        var database = await server.CreateDatabaseAsync("test_unsafe");
        await using (var store = NpgsqlDataSource.Create(database))
        await using (var command = store.CreateCommand("alter database test_unsafe set synchronous_commit = off"))
        {
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        Assert.Contains("synchronous_commit is off", await RefusalAsync("Production", database, "http://127.0.0.1:0"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-", "ahead of")]
    [InlineData("+", "behind")]
    public async Task On_a_machine_whose_clock_is_not_that_of_the_database(string sign, string words)
    {
        var database = await server.CreateDatabaseAsync($"test_clock_{words[..5]}");
        await using (var store = NpgsqlDataSource.Create(database))
        await using (var command = store.CreateCommand(
            $"create function public.clock_timestamp() returns timestamptz language sql as $$ select pg_catalog.clock_timestamp() {sign} interval '2 hours' $$"))
        {
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var shifted = new NpgsqlConnectionStringBuilder(database) { SearchPath = "public,pg_catalog" }.ConnectionString;
        Assert.Contains($"s {words} the database's. Set both by NTP", await RefusalAsync("Production", shifted, "http://127.0.0.1:0"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2_000, false)]
    [InlineData(-2_000, false)]
    [InlineData(2_001, true)]
    [InlineData(-2_001, true)]
    public void Clocks_may_be_two_seconds_apart(int milliseconds, bool refused) => Assert.Equal(refused, SameClock.Fault(TimeSpan.FromMilliseconds(milliseconds)) is not null);

    [Theory]
    [InlineData("Development", "Host=127.0.0.1;Port=1;Database=x;Username=x", "http://127.0.0.1:0", "Check ConnectionStrings__Inventory")]
    [InlineData("Production", "", "http://127.0.0.1:0", "In production the database has to be named")]
    public async Task Without_a_database(string environment, string connectionString, string urls, string advice) =>
        Assert.Contains(advice, await RefusalAsync(environment, connectionString, urls), StringComparison.Ordinal);

    [Fact]
    public async Task With_a_pool_that_is_too_small_for_all_kinds_of_work()
    {
        var small = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync("test_small_pool")) { MaxPoolSize = 19 };

        var refusal = await RefusalAsync("Development", small.ConnectionString, "http://127.0.0.1:0");

        Assert.Contains("set Maximum Pool Size in the connection string", refusal, StringComparison.Ordinal);
    }

    private static async Task<string> RefusalAsync(string environment, string connectionString, string urls)
    {
        using var process = new Process { StartInfo = ServiceProcess.Command(["--urls", urls, "--Logging:LogLevel:Default", "None", "--Logging:LogLevel:Wolverine", "None"]) };
        process.StartInfo.Environment["ASPNETCORE_ENVIRONMENT"] = environment;
        process.StartInfo.Environment["ConnectionStrings__Inventory"] = connectionString;
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(1, process.ExitCode);
        Assert.DoesNotContain("   at ", error + await output, StringComparison.Ordinal);
        return error;
    }
}
