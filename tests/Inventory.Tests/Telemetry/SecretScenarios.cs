using System.Diagnostics;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Inventory.Tests.Integration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Inventory.Tests.Telemetry;

/// <summary>Whoever sees the telemetry sees what happened, and nothing by which to make something happen.</summary>
public sealed class SecretScenarios(TracedService service) : IClassFixture<TracedService>
{
    private const string Token = "eyJhbGciOiJub25lIn0.a-token.of-a-caller";

    private const string Key = "a-key-of-a-caller";

    private const string Searched = "what-somebody-looks-for";

    [Fact]
    public async Task Tokens_keys_passwords_and_secret_addresses_are_neither_in_traces_nor_in_metrics_nor_in_logs()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var id = await service.ProductAsync(onHand: 7);
        await service.PutAsync($"/products/{id}/reorder-point", new { reorderPoint = 5 }, Caller("1"));
        service.Failures[id.ToString()] = 3; // Given up, which is logged.
        await service.PostAsync($"/products/{id}/adjustments", new { delta = -2, reason = "sale" }, Caller("2"));
        service.Race.Stage(() => service.AppendAsync(id, new StockAdjusted(3, "receipt", null)));
        await service.PutAsync($"/products/{id}/name", new { name = "Widget" }, [("Seen-Version", "3"), .. Caller("3")]);
        await service.PutAsync($"/products/{id}/name", new { name = "Gadget" }, [("Seen-Version", "3"), .. Caller("4")]);
        await service.PutAsync($"/products/{id}/name", new { name = "Gadget" }, Caller("3"));
        await service.GetAsync($"/products?search={Searched}&access_token={Token}", Caller("5"));
        await using (var wrong = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Database) { Database = "no_such_database" }))
        {
            await Assert.ThrowsAsync<PostgresException>(async () => await wrong.OpenConnectionAsync(cancellation));
        }

        await UntilSentAsync("traces", "deliver-webhook");
        await UntilSentAsync("traces", "command RenameProduct");
        await UntilSentAsync("metrics", "inventory.commands.duration");
        await UntilSentAsync("logs", "WebhookFailedException");

        string[] secrets =
        [
            Token, Key, Searched, Convert.ToBase64String(ServiceWithAShop.Key),
            .. new[] { new NpgsqlConnectionStringBuilder(Database).Password }.Where(password => !string.IsNullOrEmpty(password)).Select(password => password!),
        ];
        Assert.Equal([], from sent in service.Sent from secret in secrets where sent.Value.Contains(secret, StringComparison.Ordinal) select $"{secret} in {sent.Key}");

        // The shop is in this process too, and may tell its own address.
        var told = service.Spans.Where(span => span.Kind != ActivityKind.Server).SelectMany(span => span.TagObjects).Select(tag => $"{tag.Key}={tag.Value}").ToList();
        Assert.Contains(told, tag => tag.StartsWith("url.full=http://127.0.0.1:", StringComparison.Ordinal));
        Assert.DoesNotContain(told, tag => tag.Contains(TracedService.PathSecret, StringComparison.Ordinal));
        Assert.DoesNotContain(TracedService.PathSecret, service.Sent["logs"], StringComparison.Ordinal);
    }

    private string Database => service.Host.Services.GetRequiredService<Database>().ConnectionString;

    private static (string, string)[] Caller(string n) => [("Authorization", $"Bearer {Token}"), ("Idempotency-Key", $"{Key}-{n}")];

    private async Task UntilSentAsync(string signal, string text)
    {
        while (!service.Sent.TryGetValue(signal, out var sent) || !sent.Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
