using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Microsoft.Extensions.DependencyInjection;

namespace Inventory.Tests.Hosting;

/// <summary>What waits for one kind of work, and what goes on meanwhile.</summary>
public sealed class BudgetScenarios(Service service) : IClassFixture<Service>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(
        Work.List, "/products", "/stock/low", "/stock/movements", "/reservations", "/conflicts",
        "/products/{id}/reservations")]
    [InlineData(
        Work.ExactRead, "/products/{id}/history", "/products/{id}?version=1", "/reservations/{id}", "/imports/{id}")]
    [InlineData(Work.Export, "/products.csv", "/products/{id}/history.csv")]
    public async Task Reads_of_a_kind_whose_budget_is_used_up_are_turned_away_and_others_go_on(
        Work work, params string[] paths)
    {
        var id = await service.ProductAsync();
        var admission = service.Host.Services.GetRequiredService<Admission>();
        var slots = new List<AdmissionLease>();
        for (var n = 0; n < admission.LimitOf(work); n++)
        {
            slots.Add((await admission.EnterAsync(work, Cancellation))!);
        }

        try
        {
            var answers = await Task.WhenAll(paths.Select(path => AskAsync(path, id)));
            Assert.All(answers, answer => answer.IsProblem(503, "overloaded"));
            Assert.All(answers, answer => Assert.Equal("1", answer.Headers["Retry-After"]));

            Assert.Equal(200, (await AskAsync("/products/{id}", id)).Status);
            Assert.Equal(200, (await AskAsync(work == Work.List ? "/products/{id}/history" : "/products", id)).Status);
            var sold = await service.PostAsync($"/products/{id}/adjustments", new { delta = -1, reason = "sale" });
            Assert.Equal(200, sold.Status);
        }
        finally
        {
            slots.ForEach(slot => slot.Dispose());
        }

        var later = await Task.WhenAll(paths.Select(path => AskAsync(path, id)));
        Assert.All(later, answer => Assert.NotEqual(503, answer.Status));
    }

    [Fact]
    public async Task Who_waits_for_its_own_write_in_a_list_holds_no_slot_meanwhile()
    {
        var id = await service.ProductAsync();
        var admission = service.Host.Services.GetRequiredService<Admission>();
        var versions = service.Host.Services.GetRequiredService<ListedVersions>();
        var waiting = Enumerable.Range(0, 2 * admission.LimitOf(Work.List))
            .Select(_ => service.GetAsync("/products", ("Read-After", $"{id}@99"), ("Prefer", "wait=30"))).ToList();
        while (versions.Waiting < waiting.Count)
        {
            await Task.Delay(5, Cancellation);
        }

        Assert.Equal(200, (await service.GetAsync("/products")).Status);
        await service.AppendAsync(id, [.. Enumerable.Range(0, 98).Select(_ => new StockAdjusted(1, "receipt", null))]);
        var answers = await Task.WhenAll(waiting);
        Assert.All(answers, answer => Assert.True(answer["freshness"]!["upToDate"]!.GetValue<bool>()));
    }

    private Task<HttpAnswer> AskAsync(string path, Guid id) =>
        service.GetAsync(path.Replace("{id}", $"{id}", StringComparison.Ordinal));
}
