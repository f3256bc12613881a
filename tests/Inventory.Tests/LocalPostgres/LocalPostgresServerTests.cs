using System.Net;
using System.Net.Sockets;
using Inventory.LocalPostgres;
using Npgsql;

namespace Inventory.Tests.LocalPostgres;

/// <summary>The private server, with real servers in folders of their own.</summary>
public sealed class LocalPostgresServerTests : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"inventory-pg-{Guid.CreateVersion7():N}", "postgres");
    private readonly List<LocalPostgresServer> _servers = [];
    private readonly List<string> _report = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_start_makes_a_durable_server_on_loopback_and_says_where()
    {
        var server = await StartAsync();

        Assert.Equal("127.0.0.1", await AskAsync(server, "show listen_addresses"));
        Assert.Equal("inventory", await AskAsync(server, "select current_database()::text"));
        Assert.Equal("on on on", await AskAsync(server,
            "select current_setting('fsync') || ' ' || current_setting('synchronous_commit') || ' ' || current_setting('full_page_writes')"));
        Assert.Matches($"^PostgreSQL [0-9.]+ was started: 127.0.0.1:{server.Port}, data in {_folder}$", _report[^1]);
    }

    [Fact]
    public async Task The_next_start_has_the_data_and_the_server_was_stopped_in_between()
    {
        var first = await StartAsync();
        await AskAsync(first, "create table kept as select 7 as n");
        await first.DisposeAsync();
        Assert.False(Runs());

        var second = await StartAsync();

        Assert.Equal("7", await AskAsync(second, "select n::text from kept"));
    }

    [Fact]
    public async Task A_second_user_of_the_folder_shares_the_server_and_the_last_one_to_leave_stops_it()
    {
        var first = await StartAsync();
        var second = await StartAsync();
        Assert.Equal((first.ProcessId, first.Port), (second.ProcessId, second.Port));
        Assert.Contains("is shared with another process", _report[^1], StringComparison.Ordinal);

        await first.DisposeAsync();
        Assert.Equal("1", await AskAsync(second, "select '1'"));

        await second.DisposeAsync();
        Assert.False(Runs());
    }

    [Fact]
    public async Task Two_starts_at_once_end_with_one_server()
    {
        var servers = await Task.WhenAll(StartAsync(), StartAsync(), StartAsync());

        Assert.Single(servers.Select(server => server.ProcessId).Distinct());
    }

    [Fact]
    public async Task A_password_keeps_other_users_of_the_machine_out()
    {
        var server = await StartAsync();
        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Password = "guess", Pooling = false };
        await using var connection = new NpgsqlConnection(wrong.ConnectionString);

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync(Cancellation));

        Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "password")));
        }
    }

    [Fact]
    public async Task A_taken_port_is_replaced_by_a_free_one_and_told()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var taken = ((IPEndPoint)listener.LocalEndpoint).Port;

        var server = await StartAsync(taken);

        Assert.NotEqual(taken, server.Port);
        Assert.Contains($"port {taken} is taken", _report[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_free_preferred_port_is_used()
    {
        int port;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        Assert.Equal(port, (await StartAsync(port)).Port);
    }

    [Fact]
    public async Task A_record_whose_process_is_another_postgres_blocks_nothing_and_stops_nobody()
    {
        var first = await StartAsync();
        await first.DisposeAsync();
        // The id of a dead server can come back as that of a living one on other data, under the same account.
        var other = await StartAsync(options: Options() with { DataFolder = _folder + "-other" });
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "data", "postmaster.pid"),
            $"{other.ProcessId}\n{_folder}/data\n1\n{first.Port}\n\n127.0.0.1\n1 1\nready\n", Cancellation);

        var second = await StartAsync();

        Assert.NotEqual(other.ProcessId, second.ProcessId);
        Assert.Equal("1", await AskAsync(second, "select '1'"));
        await second.DisposeAsync();
        Assert.Equal("1", await AskAsync(other, "select '1'"));
    }

    [Fact]
    public async Task A_server_that_does_not_take_our_password_is_named_and_left_running()
    {
        var first = await StartAsync();
        await AskAsync(first, "alter role postgres password 'another'");

        var refusal = await Assert.ThrowsAsync<LocalPostgresException>(() => StartAsync());

        Assert.Contains("does not take the password", refusal.Message, StringComparison.Ordinal);
        Assert.True(Runs());
    }

    [Fact]
    public async Task A_start_that_was_cancelled_can_be_made_again()
    {
        using var hurry = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => LocalPostgresServer.StartAsync(Options(), hurry.Token));

        Assert.Equal("1", await AskAsync(await StartAsync(), "select '1'"));
    }

    [Fact]
    public async Task A_server_without_durable_settings_is_not_used()
    {
        var first = await StartAsync();
        await AskAsync(first, "alter database inventory set synchronous_commit = off");

        var refusal = await Assert.ThrowsAsync<LocalPostgresException>(() => StartAsync());

        Assert.Contains("synchronous_commit off", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_programs_and_network_the_three_ways_out_are_named()
    {
        var refusal = await Assert.ThrowsAsync<LocalPostgresException>(
            () => StartAsync(options: Options() with { ProgramFolders = [], Repository = DeadRepository() }));

        Assert.Contains("ConnectionStrings__Inventory", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install postgresql", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Go online", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(refusal.InnerException);
    }

    [Fact]
    public async Task Programs_that_an_earlier_start_fetched_need_no_network()
    {
        var programs = Options().ProgramFolders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));
        Assert.SkipWhen(programs is null, "This machine has no PostgreSQL programs that could stand in for fetched ones.");
        var fetched = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(_folder)!, "postgres-programs", "17.6.0", "bin"));
        foreach (var program in (string[])["initdb", "pg_ctl", "postgres"])
        {
            var target = File.ResolveLinkTarget(Path.Combine(programs, program), returnFinalTarget: true)?.FullName ?? Path.Combine(programs, program);
            File.CreateSymbolicLink(Path.Combine(fetched.FullName, program), target);
        }

        var server = await StartAsync(options: Options() with { ProgramFolders = [], Repository = DeadRepository() });

        Assert.Equal("1", await AskAsync(server, "select '1'"));
        Assert.Single(_report);
    }

    [Fact]
    public async Task Data_of_another_major_version_is_left_alone()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "data", "PG_VERSION"), "12\n", Cancellation);

        var refusal = await Assert.ThrowsAsync<LocalPostgresException>(
            () => StartAsync(options: Options() with { Repository = DeadRepository() }));

        Assert.Contains("no PostgreSQL 12 on this machine", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("12\n", await File.ReadAllTextAsync(Path.Combine(_folder, "data", "PG_VERSION"), Cancellation));
    }

    [Fact]
    public async Task A_cluster_whose_making_was_killed_is_made_again()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "data.new", "half"));

        Assert.Equal("1", await AskAsync(await StartAsync(), "select '1'"));
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);
    }

    private LocalPostgresOptions Options() => new() { DataFolder = _folder, Report = line => { lock (_report) { _report.Add(line); } } };

    private async Task<LocalPostgresServer> StartAsync(int? port = null, LocalPostgresOptions? options = null)
    {
        var server = await LocalPostgresServer.StartAsync((options ?? Options()) with { Port = port }, Cancellation);
        lock (_servers)
        {
            _servers.Add(server);
        }

        return server;
    }

    private static async Task<string?> AskAsync(LocalPostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancellation) as string;
    }

    /// <summary>PostgreSQL removes its own record as the last thing of an orderly stop.</summary>
    private bool Runs() => File.Exists(Path.Combine(_folder, "data", "postmaster.pid"));

    /// <summary>A port of this machine on which nobody listens: "no network" without touching any.</summary>
    private static Uri DeadRepository() => new("http://127.0.0.1:1/");
}
