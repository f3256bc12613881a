using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Inventory.Tests.Products;
using Marten;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Inventory.Tests.Properties;

/// <summary>
/// The part of the combiner that decides, with a store that has no database. What a caller says it saw must not be older than
/// the state that was loaded: the events in between would have to be read.
/// </summary>
internal sealed class DisconnectedCombiner : IDisposable
{
    private const string Nowhere = "Host=127.0.0.1;Port=1;Database=none;Username=none";

    private static readonly Dictionary<ReceiptId, Receipt> NoReceipts = [];

    private readonly DocumentStore _store = DocumentStore.For(options => options.Connection(Nowhere));
    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(Nowhere);
    private readonly KnownStates<Product> _known = new(new ConflictOptions { KnownStatesMax = 1 }, new DatabaseHistory(), new StoppedClock());
    private readonly FoldAttempt<Product> _attempt;

    public DisconnectedCombiner() => _attempt = new FoldAttempt<Product>(
        _store, new Receipts(_store, _database, Options.Create(new ConflictOptions())), new ProductAnswers(), new NoParts<Product>(),
        new StreamLocks<Product>(_store), _known, admission: null!, new ConflictOptions(), new StoppedClock()); // What decides takes no connection.

    /// <summary>Decides commands as one fold on a state: how each ended, and the stream and the receipts as they would be committed.</summary>
    public (IReadOnlyList<Outcome<Product>> Ends, EvolvingStream<Product> Stream, IReadOnlyList<Receipt> Receipts) Fold(
        Product loaded, IReadOnlyList<(ICommand<Product> Command, CommandContext Context)> asks)
    {
        var waiting = asks.Select(ask => new WaitingToFold<Product>(ask.Command, ask.Context, new Certainty(), since: 0)).ToList();
        var fold = new Fold<Product>(loaded.Id, waiting, since: 0);
        using var session = _store.LightweightSession();
        var deciding = _attempt.DecideAsync(session, fold, loaded, loaded.Version, NoReceipts, CancellationToken.None);
        Assert.True(deciding.IsCompletedSuccessfully, $"The decisions wanted a database: {deciding.Exception}");
        var decided = deciding.Result;
        decided.Committed(_known, _known.History);
        Assert.All(waiting, one => Assert.True(one.Outcome.IsCompletedSuccessfully, $"{one.Command} was not answered."));
        return ([.. waiting.Select(one => one.Outcome.Result)], decided.Stream!, [.. decided.Receipts]);
    }

    public void Dispose()
    {
        _known.Dispose();
        _database.Dispose();
        _store.Dispose();
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Example.Now;
    }
}
