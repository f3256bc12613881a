using Inventory.Verification.Checking;
using Inventory.Verification.Histories;

namespace Inventory.Tests.Verification;

/// <summary>A history written by hand: one thing after the other, each ten microseconds long and ten after the last, and right but for what a test says of it.</summary>
internal sealed class Tale
{
    /// <summary>The product that is there from the beginning, by operation 1-1.</summary>
    public static readonly Guid Product = Id(1);

    public static readonly Guid Other = Id(2);

    private readonly List<LoggedEvent> _log = [];
    private readonly List<Operation> _operations = [];
    private readonly Dictionary<Guid, ProductState> _states = [];
    private int _ids = 100;

    public Tale(int stock = 10) => Create(Product, stock);

    /// <summary>When the next thing begins.</summary>
    public long Now { get; set; } = 1_000;

    public IReadOnlyList<Operation> Operations => _operations;

    public IReadOnlyList<LoggedEvent> Log => _log;

    public static Guid Id(int number) => new(number, 0, 0, new byte[8]);

    public ProductState State(Guid product) => _states.GetValueOrDefault(product);

    public ProductState State() => State(Product);

    public Tale Create(Guid product, int stock) => Do(new Request(Act.Create, product) { Amount = stock, Text = "A" });

    /// <summary>An adjustment.</summary>
    public Tale Adjust(int delta) => Do(new Request(Act.Adjust, Product) { Amount = delta });

    /// <summary>A reservation.</summary>
    public Tale Reserve(int units, out Guid id, DateTimeOffset? until = null)
    {
        var made = id = Id(++_ids);
        return Do(new Request(Act.Reserve, Product) { Amount = units, Seconds = 60 }, e => e with { Reservation = made, ExpiresAt = until }, reply => reply with { Reservation = made });
    }

    /// <summary>A command that is done, with its event and its answer.</summary>
    public Tale Do(Request request, Func<LoggedEvent, LoggedEvent>? e = null, Func<Reply, Reply>? reply = null)
    {
        var (id, command) = ($"1-{_operations.Count + 1}", Id(++_ids));
        foreach (var product in request.Products.Distinct())
        {
            var written = Event(request, product) with { Actor = id, Command = command, Trace = Operation.TraceOf(id, 0) };
            Write(e is null ? written : e(written));
        }

        var answer = new Reply(End.Ok, 200) { Body = id, Shown = [.. request.Products.Distinct().Select(product => State(product).ShownOf(product))] };
        return Add(request, reply is null ? answer : reply(answer));
    }

    /// <summary>An event that no client asked for.</summary>
    public Tale Happens(string type, Guid reservation = default, int amount = 0) =>
        Write(new LoggedEvent(0, Product, 0, type, LoggedEvent.System, Id(++_ids)) { Reservation = reservation == default ? null : reservation, Amount = amount });

    /// <summary>An answer that left no event.</summary>
    public Tale Told(Request request, Reply reply) => Add(request, reply);

    /// <summary>A read of the product.</summary>
    public Tale Read(Func<Shown, Shown>? shown = null) =>
        Add(new Request(Act.Read, Product), new Reply(End.Ok, 200) { Shown = [shown is null ? State().ShownOf(Product) : shown(State().ShownOf(Product))] });

    /// <summary>Changes the last thing that was asked for.</summary>
    public Tale Last(Func<Operation, Operation> change)
    {
        _operations[^1] = change(_operations[^1]);
        return this;
    }

    /// <summary>Has the last event come from another attempt of its operation than the first.</summary>
    public Tale WrittenBy(int attempt)
    {
        _log[^1] = _log[^1] with { Trace = Operation.TraceOf(_log[^1].Actor, attempt) };
        return this;
    }

    /// <summary>Changes the only attempt of the last thing that was asked for.</summary>
    public Tale LastAttempt(Func<Attempt, Attempt> change) => Last(operation => operation with { Attempts = [change(operation.Attempts[0])] });

    /// <summary>Gives the last thing a window that meets everything.</summary>
    public Tale AtAnyTime() => LastAttempt(attempt => attempt with { Began = 0, Ended = Attempt.Never - 1 });

    /// <summary>The whole history, with everything read at the end.</summary>
    public History Whole()
    {
        var products = _states.Keys.ToList();
        var reads = products.Select((product, number) => new Operation(
            $"9-{number}", Operation.FinalReader, new Request(Act.Read, product), [new Attempt(0, 1L << 50, (1L << 50) + 1, new Reply(End.Ok, 200) { Shown = [State(product).ShownOf(product)] })]));
        var reservations = products.SelectMany(product =>
        {
            var book = new ReservationBook();
            _log.Where(e => e.Product == product).ToList().ForEach(e => book.Apply(e));
            return book.All.Select(entry => new ProjectedReservation(entry.Id, product, entry.Quantity, entry.Status, entry.Committed));
        });
        return new History(
            new RunFacts(0, "tale", "none", 1, products, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch), [.. _operations, .. reads], _log,
            new ProjectedTables([.. products.Select(product => State(product).ShownOf(product))], [.. reservations]));
    }

    /// <summary>What the checker has against it, in its words.</summary>
    public IReadOnlyList<string> Wrong() => Of(Whole());

    /// <summary>What the checker has against a history, in its words.</summary>
    public static IReadOnlyList<string> Of(History history) => [.. Checker.Check(history).Violations.Select(violation => violation.ToString()).Order(StringComparer.Ordinal)];

    private Tale Write(LoggedEvent e)
    {
        var state = State(e.Product);
        e = e with { Sequence = _log.Count + 1, Version = state.Version + 1 };
        _log.Add(e);
        _states[e.Product] = state.After(e);
        return this;
    }

    private Tale Add(Request request, Reply reply)
    {
        _operations.Add(new Operation($"1-{_operations.Count + 1}", 1, request, [new Attempt(0, Now, Now + 10, reply)]));
        Now += 20;
        return this;
    }

    private LoggedEvent Event(Request request, Guid product)
    {
        var held = request.Act is Act.Commit or Act.Release ? _log.Single(e => e.Type == LoggedEvent.Reserved && e.Reservation == request.Reservation).Amount : 0;
        var (type, amount) = request.Act switch
        {
            Act.Create => (LoggedEvent.Created, request.Amount),
            Act.Rename => (LoggedEvent.Renamed, 0),
            Act.Count => (LoggedEvent.Counted, request.Amount),
            Act.ReorderPoint => (LoggedEvent.ReorderPointSet, request.Amount),
            Act.Reserve => (LoggedEvent.Reserved, request.Amount),
            Act.Commit => (LoggedEvent.Committed, request.Amount),
            Act.Release => (LoggedEvent.Released, held),
            Act.Discontinue => (LoggedEvent.Discontinued, 0),
            Act.Reinstate => (LoggedEvent.Reinstated, 0),
            _ => (LoggedEvent.Adjusted, request.UnitsOf(product)),
        };
        return new LoggedEvent(0, product, 0, type, "", Guid.Empty)
        {
            Amount = amount,
            Text = request.Text,
            Reservation = request.Reservation,
            Returned = request.Act == Act.Commit ? held - request.Amount : 0,
        };
    }
}
