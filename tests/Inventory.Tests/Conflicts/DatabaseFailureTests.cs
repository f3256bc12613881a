using System.Net.Sockets;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Inventory.Tests.Conflicts;

public sealed class DatabaseFailureTests
{
    // What the driver throws when a connection is reset while a command is being sent.
    private static NullReferenceException LostReader => Thrown(by: "Npgsql");

    [Fact]
    public void A_failure_of_the_database_is_found_below_what_wraps_it()
    {
        Assert.True(DatabaseFailure.Is(new NpgsqlException("away", new SocketException(104))));
        Assert.True(DatabaseFailure.Is(new InvalidOperationException("wrapped", new NpgsqlException("away"))));
        Assert.True(DatabaseFailure.Is(new InvalidOperationException("wrapped", LostReader)));
    }

    [Fact]
    public void A_defect_of_the_program_is_none()
    {
        Assert.False(DatabaseFailure.Is(Thrown(by: "Inventory.Slices")));
        Assert.False(DatabaseFailure.Is(new InvalidOperationException { Source = "Npgsql" }));
    }

    [Fact]
    public void A_reader_that_the_driver_lost_is_a_lost_connection()
    {
        Assert.True(LostConnection.Is(LostReader));
        Assert.True(LostConnection.Is(new NpgsqlException("away")));
        Assert.False(LostConnection.Is(Thrown(by: "Inventory.Slices")));
    }

    [Theory]
    [InlineData("08006", true)]
    [InlineData("57P01", true)]
    [InlineData("57014", false)]
    [InlineData("23505", false)]
    [InlineData("25006", false)]
    public void What_PostgreSQL_reports_of_a_statement_came_over_a_connection(string state, bool isLost) =>
        Assert.Equal(isLost, LostConnection.Is(new PostgresException("message", "ERROR", "ERROR", state)));

    [Fact]
    public async Task A_read_whose_connection_was_reset_under_the_driver_is_answered_503()
    {
        await using var services = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider();
        var http = new DefaultHttpContext { RequestServices = services };

        await new Failures(NullLogger<Failures>.Instance).TryHandleAsync(http, LostReader, TestContext.Current.CancellationToken);

        Assert.Equal((503, "1"), (http.Response.StatusCode, http.Response.Headers.RetryAfter.ToString()));
    }

    private static NullReferenceException Thrown(string by)
    {
        string? nothing = null;
        var thrown = Assert.Throws<NullReferenceException>(() => (object)nothing!.Length);
        thrown.Source = by;
        return thrown;
    }
}
