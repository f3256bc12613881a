using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Inventory.Tests.Conflicts;

/// <summary>How far behind a caller is costs nothing: whether something clashes is remembered, and the newest is read to be told.</summary>
public sealed class StaleCallerScenarios(Service service) : IClassFixture<Service>
{
    private const int Behind = 5_000;

    [Fact]
    public async Task The_event_that_clashes_is_told_however_many_others_came_after_it()
    {
        var id = await LongLivedAsync();

        var told = await service.PutAsync($"/products/{id}/name", new { name = "Mine" }, ("Seen-Version", "1"));

        told.IsProblem(409, "version-conflict");
        Assert.Equal($"{Behind + 1} changes since version 1, at least 1 of them clashes with RenameProduct.", told["detail"]!.GetValue<string>());
        var changes = told["changes"]!.AsArray();
        Assert.Equal((UnseenEvents.ListedMax, Behind + 1 - UnseenEvents.ListedMax), (changes.Count, told["changesOmitted"]!.GetValue<int>()));
        var clash = Assert.Single(changes, change => change!["clashes"]!.GetValue<bool>())!;
        Assert.Equal((2L, "“Widgit” → “Theirs”"), (clash["version"]!.GetValue<long>(), clash["summary"]!.GetValue<string>()));
    }

    [Fact]
    public async Task No_event_is_counted_for_a_caller_who_is_far_behind_and_none_is_read_for_one_who_is_told_nothing()
    {
        var id = await LongLivedAsync();
        using var statements = new Statements(service);

        var merged = await service.PostAsync($"/products/{id}/adjustments", new { delta = 1, reason = "receipt" }, ("Seen-Version", "2"));
        Assert.Equal((200, UnseenEvents.ListedMax), (merged.Status, merged["mergedWith"]!.AsArray().Count));
        Assert.Equal(0, statements.With("count(*) as number"));
        var read = statements.With("order by d.version");
        Assert.InRange(read, 1, 2);

        Assert.Equal(200, (await service.PostAsync($"/products/{id}/adjustments", new { delta = 1, reason = "receipt" })).Status);
        Assert.Equal(read, statements.With("order by d.version"));
    }

    [Fact]
    public async Task A_snapshot_that_was_written_before_is_right_and_a_rebuild_has_it_remember()
    {
        var id = await LongLivedAsync();
        var database = service.Host.Services.GetRequiredService<NpgsqlDataSource>();
        await using var forget = database.CreateCommand($"update inventory.mt_doc_product set data = data - 'lastVersions' where id = '{id}'");
        Assert.Equal(1, await forget.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        service.Host.Services.GetRequiredService<DatabaseHistory>().Break();

        var told = await service.PutAsync($"/products/{id}/name", new { name = "Mine" }, ("Seen-Version", "1"));
        Assert.Equal($"{Behind + 1} changes since version 1, 1 of them clashes with RenameProduct.", told["detail"]!.GetValue<string>());
        Assert.Equal(200, (await service.PostAsync($"/products/{id}/adjustments", new { delta = 1, reason = "receipt" }, ("Seen-Version", "2"))).Status);
        Assert.Equal(Behind + 2, await FromAsync());

        await RebuiltAsync();

        Assert.Equal(0, await FromAsync());
        Assert.Equal(409, (await service.PutAsync($"/products/{id}/name", new { name = "Mine" }, ("Seen-Version", "1"))).Status);

        async Task<long> FromAsync()
        {
            await using var ask = database.CreateCommand($"select (data -> 'lastVersions' ->> 'from')::bigint from inventory.mt_doc_product where id = '{id}'");
            return (long)(await ask.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        }

        async Task RebuiltAsync()
        {
            var command = Processes.ServiceProcess.Command(["rebuild", "snapshots"]);
            command.Environment["ConnectionStrings__Inventory"] = service.Host.Services.GetRequiredService<Database>().ConnectionString;
            using var process = System.Diagnostics.Process.Start(command)!;
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, await output + errors);
        }
    }

    /// <summary>Renamed right after it was created, and sold ever since.</summary>
    private async Task<Guid> LongLivedAsync()
    {
        var id = await service.ProductAsync();
        await service.AppendAsync(id, new ProductRenamed("Theirs", "Widgit"));
        await service.AppendAsync(id, [.. Enumerable.Range(0, Behind).Select(_ => new StockAdjusted(1, "receipt", null))]);
        return id;
    }
}
