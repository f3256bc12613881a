using Inventory.Verification.Checking;

namespace Inventory.Verification.Histories;

/// <summary>
/// A history without a service: one command after the other on plain states, with windows of time around them that overlap. It keeps every
/// promise, so the checker has to find it green; and red, whatever is then made wrong in it.
/// </summary>
internal sealed class SimulatedRun
{
    private const int Clients = 16;
    private const int Nodes = 3;
    private const long StepMicroseconds = 100;

    private readonly Dice _dice;
    private readonly List<Guid> _products;
    private readonly Dictionary<Guid, List<(long Sequence, ProductState State)>> _states = [];
    private readonly List<(Guid Product, Guid Id, int Quantity)> _open = [];
    private readonly List<Operation> _operations = [];
    private readonly List<LoggedEvent> _log = [];
    private readonly List<long> _loggedAt = [];
    private long _now = StepMicroseconds * Clients;

    private SimulatedRun(ulong seed, int products)
    {
        _dice = new Dice(seed);
        _products = [.. Enumerable.Range(0, products).Select(_ => _dice.Id())];
    }

    private long Head => _log.Count;

    public static History Of(ulong seed, int operations, int products)
    {
        var run = new SimulatedRun(seed, products);
        run._products.ForEach(run.Create);
        for (var n = products; n < operations; n++)
        {
            run.Step();
        }

        return run.Finish(seed);
    }

    private void Create(Guid product)
    {
        var request = new Request(Act.Create, product) { Amount = _dice.Below(50), Text = "Widget" };
        Write(request, new Entry(LoggedEvent.Created, request.Amount) { Text = request.Text });
    }

    private void Step()
    {
        var product = _products[_dice.Chance(50) ? 0 : _dice.Below(_products.Count)];
        var state = State(product);
        var seen = Math.Max(1, state.Version - _dice.Below(3));
        switch (_dice.Below(20))
        {
            case < 8:
                Adjust(product, _dice.Chance(55) ? -_dice.Between(1, 6) : _dice.Between(1, 6));
                break;
            case < 11:
                Look(new Request(Act.Read, product), new Reply(End.Ok, 200) { Shown = [state.ShownOf(product)] });
                break;
            case 11:
                Rename(new Request(Act.Rename, product) { Text = $"Name {_dice.Below(9)}", Seen = seen });
                break;
            case 12:
                Rename(new Request(Act.Rename, product) { Text = $"Name {_dice.Below(9)}", IfMatch = seen });
                break;
            case 13:
                var counted = new Request(Act.Count, product) { Amount = state.Reserved + _dice.Below(40), IfMatch = state.Version };
                Write(counted, new Entry(LoggedEvent.Counted, counted.Amount));
                break;
            case 14 or 15:
                Reserve(product, _dice.Between(1, 3));
                break;
            case 16:
                Close();
                break;
            case 17 when _dice.Chance(40):
                var point = new Request(Act.ReorderPoint, product) { Amount = _dice.Below(9) };
                Write(point, new Entry(LoggedEvent.ReorderPointSet, point.Amount));
                break;
            case 17:
                Order();
                break;
            case 18 when _dice.Chance(20):
                Season(product);
                break;
            default:
                List();
                break;
        }
    }

    private void Adjust(Guid product, int delta)
    {
        var request = new Request(Act.Adjust, product) { Amount = delta };
        if (State(product).Available + delta < 0)
        {
            Look(request, Short(product, -delta));
        }
        else
        {
            Write(request, new Entry(LoggedEvent.Adjusted, delta));
        }
    }

    private void Rename(Request request)
    {
        var current = State(request.Product);
        var clash = request.IfMatch is { } asked ? asked != current.Version : RenamedAfter(request.Product, request.Seen!.Value);
        if (clash)
        {
            var told = _log.Where(e => e.Product == request.Product && e.Version > (request.Seen ?? request.IfMatch)).TakeLast(3)
                .Select(e => new ToldChange(e.Version, e.Type.Replace("_", "", StringComparison.Ordinal), e.Type is LoggedEvent.Renamed or LoggedEvent.Discontinued));
            Look(request, new Reply(End.Refused, request.IfMatch is null ? 409 : 412)
            {
                Problem = "version-conflict",
                Shown = [current.ShownOf(request.Product)],
                Changes = _log.Count < 10_000 ? [.. told] : [],
            });
        }
        else
        {
            Write(request, new Entry(LoggedEvent.Renamed, 0) { Text = request.Text });
        }
    }

    private bool RenamedAfter(Guid product, long seen)
    {
        var states = _states[product];
        return Enumerable.Range((int)seen, states.Count - (int)seen).Any(at => _log[(int)states[at].Sequence - 1].Type is LoggedEvent.Renamed or LoggedEvent.Discontinued);
    }

    private void Reserve(Guid product, int quantity)
    {
        var request = new Request(Act.Reserve, product) { Amount = quantity, Seconds = 3_600 };
        if (State(product).Available < quantity)
        {
            Look(request, Short(product, quantity));
            return;
        }

        var id = _dice.Id();
        _open.Add((product, id, quantity));
        Write(request, new Entry(LoggedEvent.Reserved, quantity) { Reservation = id });
    }

    /// <summary>It is taken out of the range, cannot be sold, and comes back.</summary>
    private void Season(Guid product)
    {
        Write(new Request(Act.Discontinue, product) { IfMatch = State(product).Version }, new Entry(LoggedEvent.Discontinued, 0));
        Look(new Request(Act.Adjust, product) { Amount = 1 }, new Reply(End.Refused, 422) { Problem = "product-discontinued", Grounds = [new Ground(product, State(product).Version)] });
        Write(new Request(Act.Reinstate, product) { IfMatch = State(product).Version }, new Entry(LoggedEvent.Reinstated, 0));
    }

    private void Close()
    {
        if (_open.Count == 0)
        {
            return;
        }

        var at = _dice.Below(_open.Count);
        var (product, id, quantity) = _open[at];
        _open.RemoveAt(at);
        var request = new Request(_dice.Chance(50) ? Act.Commit : Act.Release, product) { Reservation = id, Amount = _dice.Between(1, quantity) };
        Write(request, request.Act == Act.Commit
            ? new Entry(LoggedEvent.Committed, request.Amount) { Reservation = id, Returned = quantity - request.Amount }
            : new Entry(LoggedEvent.Released, quantity) { Reservation = id });
    }

    private void Order()
    {
        var first = _products[0];
        var lines = new[] { first, _products[^1] }.Distinct().Select(product => new OrderedUnits(product, -_dice.Between(1, 4))).ToList();
        var request = new Request(Act.Order, first) { Lines = lines };
        if (lines.Find(line => State(line.Product).Available + line.Units < 0) is { } missing)
        {
            Look(request, Short(missing.Product, -missing.Units));
            return;
        }

        Write(request, [.. lines.Select(line => (line.Product, new Entry(LoggedEvent.Adjusted, line.Units)))]);
    }

    private void List()
    {
        var asOf = Math.Max(_products.Count, Head - _dice.Below(4));
        var lag = asOf == Head ? 0 : ((_now - _loggedAt[(int)asOf]) / 1_000) + 1;
        Look(new Request(Act.List, _products[0]), new Reply(End.Ok, 200)
        {
            Shown = [.. _products.Take(20).Select(product => _states[product][^1].Sequence <= asOf
                ? State(product).ShownOf(product)
                : _states[product].FindLast(known => known.Sequence <= asOf).State.ShownOf(product))],
            Lag = new StatedLag(asOf == Head, asOf, Head, Head - asOf, lag),
        });
    }

    private Reply Short(Guid product, int requested)
    {
        var state = State(product);
        return new Reply(End.Refused, 422) { Problem = "insufficient-stock", Grounds = [new Ground(product, state.Version, state.Available, requested)] };
    }

    private void Write(Request request, Entry entry) => Write(request, [(request.Product, entry)]);

    private void Write(Request request, IReadOnlyList<(Guid Product, Entry Entry)> entries)
    {
        var id = NextId();
        var command = _dice.Id();
        foreach (var (product, entry) in entries)
        {
            var known = _states.TryGetValue(product, out var states) ? states : _states[product] = [];
            var before = known.Count == 0 ? default : known[^1].State;
            var e = new LoggedEvent(Head + 1, product, before.Version + 1, entry.Type, id, command)
            {
                Amount = entry.Amount,
                Text = entry.Text,
                Reservation = entry.Reservation,
                Returned = entry.Returned,
                Trace = Operation.TraceOf(id, 0),
                ExpiresAt = entry.Type == LoggedEvent.Reserved ? DateTimeOffset.UnixEpoch.AddYears(100) : null,
            };
            _log.Add(e);
            _loggedAt.Add(_now);
            known.Add((e.Sequence, before.After(e)));
        }

        Add(id, request, new Reply(End.Ok, request.Act is Act.Create or Act.Reserve ? 201 : 200)
        {
            Shown = [.. entries.Select(pair => State(pair.Product).ShownOf(pair.Product))],
            Reservation = request.Act == Act.Reserve ? entries[0].Entry.Reservation : null,
        });
    }

    private void Look(Request request, Reply reply) => Add(NextId(), request, reply);

    /// <summary>Puts a window of time around this moment: one attempt, or one that got no answer and another.</summary>
    private void Add(string id, Request request, Reply reply)
    {
        var (began, ended) = (_now - _dice.Below(600), _now + _dice.Below(600));
        reply = request.Writes ? reply with { Body = $"{id} {reply.Status}" } : reply;
        var chance = request.Writes ? _dice.Below(100) : 99;
        var lost = new Reply(End.Unknown, 0) { Error = "no answer" };
        _operations.Add(new Operation(id, _operations.Count % Clients, request, chance switch
        {
            < 3 when request.Act != Act.Create => [new Attempt(_dice.Below(Nodes), began, ended, lost)],
            < 10 => [new Attempt(0, began, _now + 1, lost), new Attempt(1, _now + 2, ended + 2, reply with { Replayed = reply.IsKept })],
            _ => [new Attempt(_dice.Below(Nodes), began, ended, reply)],
        }));
        _now += StepMicroseconds;
    }

    private History Finish(ulong seed)
    {
        _now += StepMicroseconds * Clients;
        foreach (var product in _products)
        {
            for (var node = 0; node < Nodes; node++)
            {
                var read = new Reply(End.Ok, 200) { Shown = [State(product).ShownOf(product)] };
                _operations.Add(new Operation(NextId(), Operation.FinalReader, new Request(Act.Read, product), [new Attempt(node, _now, _now + 1, read)]));
            }
        }

        var books = _log.GroupBy(e => e.Product).SelectMany(stream =>
        {
            var book = new ReservationBook();
            stream.ToList().ForEach(e => book.Apply(e));
            return book.All.Select(entry => new ProjectedReservation(entry.Id, stream.Key, entry.Quantity, entry.Status, entry.Committed));
        });
        return new History(
            new RunFacts(seed, "simulated", "none", Nodes, _products, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1)),
            _operations, _log, new ProjectedTables([.. _products.Select(product => State(product).ShownOf(product))], [.. books]))
        {
            Followers = [[.. _log.Select(e => new ToldEvent(e.Sequence, e.Product, e.Version))]],
            Delivered = [.. ToldCheck.FactsOf(_log)],
        };
    }

    private ProductState State(Guid product) => _states[product][^1].State;

    private string NextId() => $"{_operations.Count % Clients}-{_operations.Count}";

    /// <summary>What an event will say.</summary>
    private sealed record Entry(string Type, int Amount)
    {
        public string? Text { get; init; }

        public Guid? Reservation { get; init; }

        public int Returned { get; init; }
    }
}
