using System.Net.Http.Json;
using Inventory.Tests.Hosting;
using Npgsql;

namespace Inventory.Tests.Processes;

public sealed class ExpiryWithoutANode(DatabaseServer server)
{
    private const int Products = 10;
    private const int ReservationsEach = 100;
    private const int CallersAtOnce = 32;

    [Fact]
    public async Task Every_reservation_expires_once_although_the_node_that_made_half_of_them_was_killed()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var database = await server.CreateDatabaseAsync("test_expiry");
        await using var survivor = await ServiceProcess.StartAsync(database);
        // The leader gives the work to the other node: it is that one who looks for what is due.
        await using var victim = await ServiceProcess.StartAsync(database);
        for (var n = 0; n < Products; n++)
        {
            using var made = await survivor.Client.PostAsJsonAsync("/products", new { sku = $"P-{n}", name = "Widget", initialQuantity = 1_000 }, cancellation);
            Assert.Equal(201, (int)made.StatusCode);
        }

        // Half of them on either node. When the first have expired, the victim dies with others in its hands.
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Products * ReservationsEach),
            new ParallelOptions { MaxDegreeOfParallelism = CallersAtOnce, CancellationToken = cancellation },
            async (n, stop) =>
            {
                using var reserved = await (n % 2 == 0 ? survivor : victim).Client.PostAsJsonAsync(
                    $"/products/sku:P-{n % Products}/reservations", new { quantity = 2, expiresInSeconds = 2 }, stop);
                Assert.Equal(201, (int)reserved.StatusCode);
            });
        await using var store = NpgsqlDataSource.Create(database);
        while (await AskAsync<long>(store, "select count(*) from inventory.reservations where status = 'Expired'") < Products)
        {
            await Task.Delay(5, cancellation);
        }

        await victim.KillAsync();
        while (await AskAsync<long>(store, "select count(*) from inventory.reservations where status = 'Open'") > 0)
        {
            await Task.Delay(100, cancellation);
        }

        const int All = Products * ReservationsEach;
        Assert.Equal(All, await AskAsync<long>(store, "select count(*) from inventory.mt_events where type = 'stock_reserved'"));
        Assert.Equal(All, await AskAsync<long>(store, "select count(*) from inventory.mt_events where type = 'reservation_expired'"));
        Assert.Equal(All, await AskAsync<long>(store, "select count(distinct data ->> 'reservationId') from inventory.mt_events where type = 'reservation_expired'"));
        Assert.Equal(Products, await AskAsync<long>(
            store, "select count(*) from inventory.mt_doc_product where (data ->> 'onHand')::int = 1000 and (data ->> 'reserved')::int = 0"));
        var late = await AskAsync<double>(store, "select extract(epoch from max(closed_at - expires_at))::float8 from inventory.reservations");
        TestContext.Current.SendDiagnosticMessage($"The last of {All} reservations expired {late:F1} s after its time.");
    }

    private static async Task<T> AskAsync<T>(NpgsqlDataSource store, string question)
    {
        await using var command = store.CreateCommand(question);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
