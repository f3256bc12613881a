using Inventory.Conflicts;
using Inventory.Slices.Products;
using Inventory.Tests.Hosting;
using Inventory.Tests.Products;
using JasperFx;
using Marten;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Inventory.Tests.Conflicts;

/// <summary>Receipts, and their table in a store that holds nothing else.</summary>
public sealed class ReceiptTests(DatabaseServer server) : IAsyncLifetime
{
    private const string Database = "inventory_test_receipts";

    private static readonly Answer Created = new(201, 1, "/products/1", """{"onHand":10}""");
    private static readonly Answer Refused = new(422, null, null, """{"title":"No."}""");

    private readonly ConflictOptions _options = new();
    private NpgsqlDataSource _database = null!;
    private DocumentStore _store = null!;
    private Receipts _receipts = null!;

    public async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync(Database));
        _store = DocumentStore.For(options =>
        {
            options.Connection(_database);
            options.UseConflictTables();
        });
        await _store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        _receipts = new Receipts(_store, _database, Options.Create(_options));
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _database.DisposeAsync();
        await server.DropDatabaseAsync(Database);
    }

    [Fact]
    public async Task A_receipt_is_found_as_it_was_written_by_whom_it_belongs_to()
    {
        Receipt[] written =
        [
            new(new ReceiptId("ann", "k-1"), [1, 2, 3], Created),
            new(new ReceiptId("ann", "k-2"), [4], Refused),
            new(new ReceiptId("bob", "k-1"), [], Created),
        ];
        await WriteAsync(written);

        var found = await _receipts.FindAsync([written[0].Id, written[1].Id, new ReceiptId("bob", "k-2"), new ReceiptId("", "k-1")], TestContext.Current.CancellationToken);

        Assert.Equal(2, found.Count);
        Assert.All(written[..2], receipt =>
        {
            Assert.Equal(receipt.Answer, found[receipt.Id].Answer);
            Assert.Equal(receipt.RequestHash, found[receipt.Id].RequestHash);
            Assert.Equal(receipt.Id, found[receipt.Id].Id);
        });
        Assert.Empty(await _receipts.FindAsync([], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_receipt_that_exists_fails_the_commit_as_a_lost_race()
    {
        var receipt = new Receipt(new ReceiptId("ann", "k-1"), [1], Created);
        await WriteAsync(receipt);

        var lost = await Assert.ThrowsAnyAsync<Exception>(() => WriteAsync(receipt with { Answer = Refused }));

        Assert.True(LostRace.Is(lost));
        Assert.Equal(Created, (await _receipts.FindAsync([receipt.Id], TestContext.Current.CancellationToken))[receipt.Id].Answer);
    }

    [Fact]
    public async Task No_receipts_write_nothing()
    {
        await using var session = _store.LightweightSession();
        _receipts.Add(session, []);

        Assert.False(session.PendingChanges.Operations().Any());
    }

    [Fact]
    public async Task Receipts_are_deleted_when_their_time_is_over_oldest_first_and_some_at_a_time()
    {
        (_options.ReceiptsKept, _options.ReceiptsWithoutKeyKept) = (TimeSpan.FromHours(2), TimeSpan.FromHours(1));
        Receipt[] written =
        [
            new(new ReceiptId("ann", "long"), [1], Created),
            new(new ReceiptId(ReceiptId.NoPrincipal, "short"), [], Created),
            new(new ReceiptId(ReceiptId.NoPrincipal, "shorter"), [], Created),
        ];
        await WriteAsync(written[..2]);
        _options.ReceiptsWithoutKeyKept = TimeSpan.FromMinutes(30);
        await WriteAsync(written[2]);

        Assert.Equal(0, await _receipts.PurgeAsync(10, TestContext.Current.CancellationToken));
        await GoOnAsync("90 minutes");
        Assert.Equal(1, await _receipts.PurgeAsync(1, TestContext.Current.CancellationToken));
        Assert.Equal(["long", "short"], (await LeftAsync(written)).Order());
        Assert.Equal(1, await _receipts.PurgeAsync(10, TestContext.Current.CancellationToken));
        Assert.Equal(["long"], await LeftAsync(written));
        await GoOnAsync("31 minutes");
        Assert.Equal(1, await _receipts.PurgeAsync(10, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_command_with_a_key_is_kept_under_its_callers_key_and_one_without_under_its_own_id()
    {
        var (with, without) = (Context(new IdempotencyKey("k-1", [7])), Context(null));

        Assert.Equal((new ReceiptId("ann", "k-1"), Created), (Receipt.Of(with, Created).Id, Receipt.Of(with, Created).Answer));
        Assert.Equal([7], Receipt.Of(with, Created).RequestHash);
        Assert.Equal(new ReceiptId("", Example.Id.ToString()), Receipt.Of(without, Created).Id);
        Assert.Empty(Receipt.Of(without, Created).RequestHash);
    }

    [Fact]
    public void The_same_request_is_answered_again_and_another_under_its_key_is_not()
    {
        var receipt = Receipt.Of(Context(new IdempotencyKey("k-1", [7, 8])), Created);

        Assert.Equal(new Outcome<Product>.Replayed(Created), receipt.OutcomeFor<Product>(Context(new IdempotencyKey("k-1", [7, 8]))));
        Assert.Equal(new Outcome<Product>.KeyReused(), receipt.OutcomeFor<Product>(Context(new IdempotencyKey("k-1", [7, 9]))));
        Assert.Equal(new Outcome<Product>.Replayed(Created), Receipt.Of(Context(null), Created).OutcomeFor<Product>(Context(null)));
    }

    private static CommandContext Context(IdempotencyKey? key) => new("ann", Example.Id, Precondition.None) { Key = key };

    private async Task WriteAsync(params Receipt[] receipts)
    {
        await using var session = _store.LightweightSession();
        _receipts.Add(session, receipts);
        await session.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    private async Task<IEnumerable<string>> LeftAsync(Receipt[] written) =>
        (await _receipts.FindAsync([.. written.Select(receipt => receipt.Id)], TestContext.Current.CancellationToken)).Keys.Select(id => id.Key);

    /// <summary>Time goes on for what is written.</summary>
    private async Task GoOnAsync(string interval)
    {
        await using var command = _database.CreateCommand($"update {_store.Options.DatabaseSchemaName}.receipts set kept_until = kept_until - interval '{interval}'");
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
