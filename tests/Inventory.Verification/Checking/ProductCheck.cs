using Inventory.Verification.Histories;

namespace Inventory.Verification.Checking;

/// <summary>Holds what was answered about one product against its events: invariants 1 to 5, 7 to 9, and 13.</summary>
/// <param name="product">The product.</param>
/// <param name="log">Its events, in the order of their versions.</param>
/// <param name="operations">Every operation about it.</param>
/// <param name="run">What was run.</param>
internal sealed class ProductCheck(Guid product, IReadOnlyList<LoggedEvent> log, IReadOnlyList<Operation> operations, RunFacts run)
{
    private readonly List<Violation> _violations = [];
    private readonly ProductState[] _states = new ProductState[log.Count + 1];
    private readonly Dictionary<string, Operation> _known = new(operations.Count);
    private readonly Dictionary<string, long> _versionOf = new(log.Count);
    private readonly List<Placed> _placed = new(operations.Count);

    /// <summary>The states by version; there is nothing at 0.</summary>
    public IReadOnlyList<ProductState> States => _states;

    /// <summary>The product's reservations by their events.</summary>
    public ReservationBook Reservations { get; } = new();

    /// <summary>The product.</summary>
    public Guid Product => product;

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<Violation> Violations => _violations;

    /// <summary>Whether the log has an order at all to check by.</summary>
    public bool HasOrder { get; private set; }

    /// <summary>Checks everything.</summary>
    public ProductCheck Run()
    {
        HasOrder = Fold();
        if (!HasOrder)
        {
            return this;
        }

        foreach (var operation in operations.Where(operation => operation.Request.Writes))
        {
            _known.Add(operation.Id, operation);
        }

        foreach (var e in log)
        {
            Origin(e);
        }

        foreach (var operation in operations)
        {
            if (operation.Request.Writes)
            {
                Effect(operation);
            }

            Answers(operation);
        }

        _violations.AddRange(Placed.AgainstTime(product, _placed));
        return this;
    }

    private bool Fold()
    {
        for (var i = 0; i < log.Count; i++)
        {
            if (log[i].Version != i + 1)
            {
                _violations.Add(new Violation(2, $"product {product}: version {i + 1} was expected in its stream, and there is {log[i].Version}"));
                return false;
            }

            if (i > 0 && log[i].Sequence <= log[i - 1].Sequence)
            {
                _violations.Add(new Violation(2, $"product {product}: version {i + 1} has number {log[i].Sequence} in the store, and the version before it {log[i - 1].Sequence}"));
            }

            var state = _states[i + 1] = _states[i].After(log[i]);
            if (state.OnHand < 0 || state.Reserved < 0 || state.Available < 0)
            {
                _violations.Add(new Violation(3, $"product {product}: {state}", log[i].Actor));
            }

            if (Reservations.Apply(log[i]) is { } fault)
            {
                _violations.Add(new Violation(14, $"product {product}: {fault}", log[i].Actor));
            }
        }

        return true;
    }

    private void Origin(LoggedEvent e)
    {
        if (e.Actor == LoggedEvent.System)
        {
            if (e.Type != LoggedEvent.Expired)
            {
                _violations.Add(new Violation(4, $"product {product}: version {e.Version} is {e.Type}, and nobody asked for it"));
            }

            return;
        }

        if (!_versionOf.TryAdd(e.Actor, e.Version))
        {
            _violations.Add(new Violation(
                13, $"product {product}: {e.Actor} took effect twice, at versions {_versionOf[e.Actor]} and {e.Version}", e.Actor));
        }

        if (!_known.TryGetValue(e.Actor, out var operation))
        {
            _violations.Add(new Violation(4, $"product {product}: version {e.Version} is {e.Type} by {e.Actor}, and no client asked for it", e.Actor));
        }
        else if (!Says(e, operation))
        {
            _violations.Add(new Violation(4, $"product {product}: version {e.Version} is {e.Type} with {e.Amount}, “{e.Text}”, which is not what {e.Actor} asked for", e.Actor));
        }
    }

    /// <summary>Whether an event carries the request's data.</summary>
    private bool Says(LoggedEvent e, Operation operation)
    {
        var request = operation.Request;
        return request.Act switch
        {
            Act.Create => (e.Type, e.Amount, e.Text) == (LoggedEvent.Created, request.Amount, request.Text),
            Act.Rename => (e.Type, e.Text) == (LoggedEvent.Renamed, request.Text),
            Act.Adjust or Act.Order or Act.Import => (e.Type, e.Amount) == (LoggedEvent.Adjusted, request.UnitsOf(product)),
            Act.Count => (e.Type, e.Amount) == (LoggedEvent.Counted, request.Amount),
            Act.ReorderPoint => (e.Type, e.Amount) == (LoggedEvent.ReorderPointSet, request.Amount),
            Act.Reserve => (e.Type, e.Amount) == (LoggedEvent.Reserved, request.Amount)
                && (operation.Answered?.Reply?.Reservation is not { } answered || answered == e.Reservation),
            Act.Commit => (e.Type, e.Amount, e.Reservation) == (LoggedEvent.Committed, request.Amount, request.Reservation),
            Act.Discontinue => e.Type == LoggedEvent.Discontinued,
            Act.Reinstate => e.Type == LoggedEvent.Reinstated,
            Act.Release => (e.Type, e.Reservation) == (LoggedEvent.Released, request.Reservation),
            _ => false,
        };
    }

    /// <summary>Whether a command had the effect that its answers say.</summary>
    private void Effect(Operation operation)
    {
        var version = _versionOf.TryGetValue(operation.Id, out var at) ? at : (long?)null;
        if (version is { } done)
        {
            Allowed(operation, done);
            Claims(operation, done);
        }

        switch (operation.Fate, version)
        {
            case (Fate.Accepted, null) when IsRefusedLine(operation):
                break;
            case (Fate.Accepted, null):
                _violations.Add(new Violation(1, $"product {product}: {operation.Id} was acknowledged, and no event of it is there", operation.Id));
                break;
            case (Fate.Accepted, { } v) when IsRefusedLine(operation):
                _violations.Add(new Violation(5, $"product {product}: a line of {operation.Id} was refused, and its event is there at version {v}", operation.Id));
                break;
            case (Fate.Accepted, { } v):
                Acknowledged(operation, operation.Answered!, v);
                break;
            case (Fate.Refused, { } v):
                _violations.Add(new Violation(5, $"product {product}: {operation.Id} was refused ({Refusals(operation)}), and its event is there at version {v}", operation.Id));
                break;
            case (Fate.Unknown, { } v):
                _placed.Add(new Placed(v, Looks: false, operation.Began, Attempt.Never, operation.Id));
                break;
        }
    }

    /// <summary>
    /// Whether an attempt was told that nothing was written although it wrote, or was judged on a state that had the command's
    /// own event in it. When all attempts were told so, that is found by the event alone.
    /// </summary>
    private void Claims(Operation operation, long version)
    {
        if (operation.SentTwice || operation.Fate == Fate.Refused)
        {
            return;
        }

        foreach (var (place, attempt) in operation.Attempts.Index())
        {
            var number = attempt.Number ?? place;
            if (attempt is not { OtherBody: false, Reply: { End: End.Refused } reply })
            {
                continue;
            }

            if (log[(int)version - 1].Trace == Operation.TraceOf(operation.Id, number))
            {
                _violations.Add(new Violation(
                    5, $"product {product}: attempt {number} of {operation.Id} was refused ({reply.Problem}), and it wrote version {version}",
                    operation.Id));
            }
            else if (NamedBy(reply).Where(named => named >= version).Cast<long?>().FirstOrDefault() is { } judged)
            {
                _violations.Add(new Violation(
                    5, $"product {product}: attempt {number} of {operation.Id} was refused ({reply.Problem}) at version {judged}, which has its own "
                    + $"event, version {version}, in it", operation.Id));
            }
        }
    }

    /// <summary>The versions of the product that an answer is about.</summary>
    private IEnumerable<long> NamedBy(Reply reply) =>
        reply.Shown.Where(shown => shown.Product == product).Select(shown => shown.Version)
            .Concat(reply.Grounds.Where(ground => ground.Product == product).Select(ground => ground.Version));

    private void Acknowledged(Operation operation, Attempt answered, long version)
    {
        _placed.Add(new Placed(version, Looks: false, operation.Began, answered.Ended, operation.Id));
        if (operation.Request.Act == Act.Import)
        {
            // It counts its lines, and shows no products.
            return;
        }

        if (answered.Reply!.Shown.FirstOrDefault(shown => shown.Product == product) is not { } shown)
        {
            _violations.Add(new Violation(7, $"product {product}: {operation.Id} was acknowledged without showing the product", operation.Id));
        }
        else if (!_states[version].IsShownAs(shown))
        {
            _violations.Add(new Violation(7, $"product {product}: {operation.Id} was answered {Words(shown)}; its event left {_states[version]}", operation.Id));
        }
    }

    private bool IsRefusedLine(Operation operation) => operation.Answered!.Reply!.RefusedLines.Contains(product);

    /// <summary>Whether a command was done on what its caller had asked for, also when nobody was told that it was done.</summary>
    private void Allowed(Operation operation, long version)
    {
        if (operation.Request.IfMatch is { } asked && asked != version - 1)
        {
            _violations.Add(new Violation(8, $"product {product}: {operation.Id} asked for version {asked} and was done on version {version - 1}", operation.Id));
        }

        if (operation.Request.Act is not (Act.Commit or Act.Release or Act.ReorderPoint) && _states[version - 1].Discontinued != (operation.Request.Act == Act.Reinstate))
        {
            _violations.Add(new Violation(8, $"product {product}: {operation.Id} ({operation.Request.Act}) was done on {_states[version - 1]}", operation.Id));
        }

        if (operation.Request is { IfMatch: null, Seen: { } seen } && ClashAfter(operation.Request.Act, seen, version - 1) is { } clash)
        {
            _violations.Add(new Violation(
                8, $"product {product}: {operation.Id} had seen version {seen} and was done on {version - 1}, although version {clash} ({log[(int)clash - 1].Type}) clashes", operation.Id));
        }
    }

    /// <summary>Whether what reads show and refusals claim is true of the version that they name.</summary>
    private void Answers(Operation operation)
    {
        var kept = operation.Answered;
        foreach (var attempt in operation.Attempts)
        {
            if (attempt.OtherBody || attempt.Reply is not { } reply || reply.End == End.Unknown || operation.Request.Act == Act.List)
            {
                continue;
            }

            // Whatever was answered first under the key was decided in one of the attempts until then; later ones repeat it.
            var (began, ended) = reply.IsKept && operation.Request.Writes ? (operation.Began, kept!.Ended) : (attempt.Began, attempt.Ended);
            if (reply.End == End.Refused || !operation.Request.Writes)
            {
                foreach (var version in Looked(operation, reply))
                {
                    _placed.Add(new Placed(version, Looks: true, began, ended, operation.Id));
                }
            }

            if (reply is { End: End.Refused, Problem: "product-not-found" })
            {
                _violations.Add(new Violation(8, $"product {product}: {operation.Id} was told that there is none", operation.Id));
            }
        }
    }

    /// <summary>The versions that an answer claims something of, after checking the claims.</summary>
    private IEnumerable<long> Looked(Operation operation, Reply reply)
    {
        foreach (var shown in reply.Shown.Where(shown => shown.Product == product))
        {
            if (!Exists(operation, shown.Version))
            {
                continue;
            }

            if (!_states[shown.Version].IsShownAs(shown))
            {
                _violations.Add(new Violation(8, $"product {product}: {operation.Id} was shown {Words(shown)}; there was {_states[shown.Version]}", operation.Id));
            }

            if (reply.Problem == "version-conflict")
            {
                Conflict(operation, reply, shown.Version);
            }

            yield return shown.Version;
        }

        foreach (var ground in reply.Grounds.Where(ground => ground.Product == product))
        {
            if (!Exists(operation, ground.Version))
            {
                continue;
            }

            if (!IsTrue(operation, reply, ground))
            {
                _violations.Add(new Violation(
                    8, $"product {product}: {operation.Id} was refused as {reply.Problem} ({ground.Available} available); there was {_states[ground.Version]}", operation.Id));
            }

            yield return ground.Version;
        }
    }

    private bool Exists(Operation operation, long version)
    {
        if (version >= 1 && version < _states.Length)
        {
            return true;
        }

        _violations.Add(new Violation(8, $"product {product}: {operation.Id} was answered version {version}, and the last one is {_states.Length - 1}", operation.Id));
        return false;
    }

    private bool IsTrue(Operation operation, Reply reply, Ground ground)
    {
        var state = _states[ground.Version];
        var request = operation.Request;
        return reply.Problem switch
        {
            "insufficient-stock" => ground.Available is not { } available
                || (available == state.Available && ground.Requested == Wanted(request) && ground.Requested > available),
            "count-below-reserved" => request.Amount < state.Reserved,
            "product-discontinued" => state.Discontinued,
            "product-not-discontinued" => !state.Discontinued,
            "reservation-committed" => Reservations.ClosedBy(request.Reservation, ground.Version) == LoggedEvent.Committed,
            "reservation-released" => Reservations.ClosedBy(request.Reservation, ground.Version) == LoggedEvent.Released,
            "reservation-expired" => Reservations.ClosedBy(request.Reservation, ground.Version) == LoggedEvent.Expired
                || Reservations.IsOverdue(request.Reservation, ground.Version, run.Ended + run.Ahead),
            "reservation-not-found" => !Reservations.Has(request.Reservation, ground.Version),
            "commit-exceeds-reservation" => request.Amount > Reservations.QuantityOf(request.Reservation),
            _ => true,
        };
    }

    private int Wanted(Request request) => request.Act == Act.Reserve ? request.Amount : -request.UnitsOf(product);

    private void Conflict(Operation operation, Reply reply, long version)
    {
        var request = operation.Request;
        if (request.IfMatch is { } asked ? asked == version : ClashAfter(request.Act, request.Seen ?? NewestKnownBefore(operation.Began), version) is null)
        {
            _violations.Add(new Violation(
                8, $"product {product}: {operation.Id} was refused at version {version} as a conflict, and nothing stands against it", operation.Id));
        }

        foreach (var told in reply.Changes)
        {
            if (told.Version < 1 || told.Version > version
                || !string.Equals(log[(int)told.Version - 1].Type.Replace("_", "", StringComparison.Ordinal), told.Event, StringComparison.OrdinalIgnoreCase))
            {
                _violations.Add(new Violation(8, $"product {product}: {operation.Id} was told of {told.Event} at version {told.Version}, which is not what happened", operation.Id));
            }
        }
    }

    /// <summary>The first event after a version, up to another, that a command says it clashes with.</summary>
    private long? ClashAfter(Act act, long seen, long until)
    {
        for (var version = seen + 1; version <= until; version++)
        {
            var type = log[(int)version - 1].Type;
            if (act switch
            {
                Act.Rename => type is LoggedEvent.Renamed or LoggedEvent.Discontinued,
                Act.Adjust or Act.Reserve => type == LoggedEvent.Discontinued,
                Act.ReorderPoint => type == LoggedEvent.ReorderPointSet,
                Act.Discontinue or Act.Reinstate => type != LoggedEvent.ReorderPointSet,
                Act.Count => type is LoggedEvent.Adjusted or LoggedEvent.Counted or LoggedEvent.Committed,
                _ => false,
            })
            {
                return version;
            }
        }

        return null;
    }

    /// <summary>The newest version that somebody had been told of before a time. Who names none decides on that one or a later one.</summary>
    private long NewestKnownBefore(long time)
    {
        for (var version = (long)log.Count; version > 0; version--)
        {
            if (_known.GetValueOrDefault(log[(int)version - 1].Actor)?.Answered is { Reply.End: End.Ok } answered && answered.Ended < time)
            {
                return version;
            }
        }

        return 0;
    }

    private static string Refusals(Operation operation) =>
        string.Join(", ", operation.Attempts.Select(attempt => attempt.Reply?.Problem).Where(problem => problem is not null).Distinct());

    private static string Words(Shown shown) => $"“{shown.Name}” with {shown.OnHand} on hand and {shown.Reserved} reserved at version {shown.Version}";
}
