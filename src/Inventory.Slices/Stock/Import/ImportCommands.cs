using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using Inventory.Conflicts;
using Inventory.Slices.Products;

namespace Inventory.Slices.Stock;

/// <summary>Which of a line's commands a receipt belongs to.</summary>
internal enum LineCommand
{
    Create,
    Rename,
    Adjust,
}

/// <summary>How a line's command ended. Exactly one that was refused has a reason.</summary>
/// <param name="Refusal">Why it was refused; null when it was accepted.</param>
/// <param name="Replayed">Whether an earlier run had sent it.</param>
/// <param name="State">The product after it, when it was accepted now.</param>
internal sealed record EndedCommand(string? Refusal, bool Replayed, Product? State = null);

/// <summary>The order of the commands of one product in a step of an import.</summary>
internal sealed class CommandOrder
{
    private volatile bool _isDisturbed;

    /// <summary>Ends when every command that was begun has ended.</summary>
    public Task Earlier { get; private set; } = Task.CompletedTask;

    /// <summary>One of them has to be sent again.</summary>
    public bool IsDisturbed
    {
        get => _isDisturbed;
        set => _isDisturbed = value;
    }

    /// <summary>A command was begun.</summary>
    public void Add(Task ending) => Earlier = Task.WhenAll(Earlier, ending);

    /// <summary>Waits as long as one has to be sent again.</summary>
    public async Task CalmAsync()
    {
        if (IsDisturbed)
        {
            await Earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            IsDisturbed = false;
        }
    }
}

/// <summary>
/// Sends the commands of an import's lines, each under a key made of the file's hash and the line, so that no line is ever carried
/// out twice.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody takes holds nothing to free.")]
internal sealed class ImportCommands(IServiceProvider services, Guid importId, string actor, byte[] sha256)
{
    private const int AttemptsMax = 10;
    private const int AloneAtOnceMax = 16;

    private readonly TimeProvider _clock = services.GetRequiredService<TimeProvider>();
    private readonly string _file = Convert.ToHexStringLower(sha256);
    private readonly SemaphoreSlim _slots = new(ImportLimits.ImportLinesInFlightMax);

    /// <summary>Commands that are not folded take a connection each, and others need some too.</summary>
    private readonly SemaphoreSlim _alone = new(AloneAtOnceMax);

    private volatile bool _broken;

    /// <summary>Under what the receipt of a line's command is kept.</summary>
    public ReceiptId ReceiptOf(int line, LineCommand command) => new(actor, KeyOf(line, command));

    /// <summary>A new product's id.</summary>
    public Guid NewId() => Guid.CreateVersion7(_clock.GetUtcNow());

    /// <summary>
    /// Waits for room, then puts the command in its product's line; the inner task ends with the command. So commands of one product
    /// that are sent one after the other are carried out in that order, without the next one waiting for the last one's end. As long as one of them
    /// has to be sent again, the next ones wait for it.
    /// </summary>
    /// <param name="productId">The product.</param>
    /// <param name="command">The command.</param>
    /// <param name="line">The line's number.</param>
    /// <param name="kind">Which of the line's commands it is.</param>
    /// <param name="precondition">What the line saw.</param>
    /// <param name="order">The order of the product's commands, of which the next is begun when this has returned.</param>
    public async Task<Task<EndedCommand>> BeginAsync(
        Guid productId, object command, int line, LineCommand kind, Precondition precondition, CommandOrder order)
    {
        await order.CalmAsync();
        await _slots.WaitAsync();
        var earlier = order.Earlier;
        var ending = (kind == LineCommand.Adjust ? null : _alone) is { } alone ? Alone(alone) : Send();
        order.Add(ending);
        return ending;

        async Task<EndedCommand> Alone(SemaphoreSlim turns)
        {
            await turns.WaitAsync();
            try
            {
                return await Send();
            }
            finally
            {
                turns.Release();
            }
        }

        Task<EndedCommand> Send() => SendAsync(productId, command, new CommandContext(actor, NewId(), precondition)
        {
            Key = new IdempotencyKey(KeyOf(line, kind), sha256),
            TraceId = importId.ToString(),
            IsPatient = true,
        }, order, earlier);
    }

    /// <summary>How a command ended that has this receipt.</summary>
    public static EndedCommand Of(Receipt receipt) => Of(receipt.Answer);

    // No caller's Idempotency-Key can hold a space, so none is ever taken for one of these.
    private string KeyOf(int line, LineCommand command) => string.Create(CultureInfo.InvariantCulture, $"import {_file} {line} {command}");

    private static EndedCommand Of(Answer answer) => new(
        answer.Status < StatusCodes.Status400BadRequest ? null : (string?)JsonNode.Parse(answer.Body)?["detail"] ?? "It was refused.", Replayed: true);

    /// <summary>Sends it; answers that say "try again" are followed, after the product's earlier commands have ended.</summary>
    private async Task<EndedCommand> SendAsync(Guid productId, object command, CommandContext context, CommandOrder order, Task earlier)
    {
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                if (_broken)
                {
                    throw new ImportBrokenOffException();
                }

                await using var scope = services.CreateAsyncScope();
                switch (await scope.ServiceProvider.GetRequiredService<CommandSender<Product>>().SendAsync(productId, command, context))
                {
                    case Outcome<Product>.Accepted accepted:
                        return new EndedCommand(null, Replayed: false, accepted.State);
                    case Outcome<Product>.Refused refused:
                        return new EndedCommand(refused.Refusal.Detail, Replayed: false);
                    case Outcome<Product>.Replayed replayed:
                        return Of(replayed.Answer);
                    case Outcome<Product>.Conflicted { Conflict: var conflict }:
                        return new EndedCommand(Tell(conflict), Replayed: false);
                    case Outcome<Product>.RetriesExhausted or Outcome<Product>.Overloaded or Outcome<Product>.Unavailable or Outcome<Product>.Unknown
                        when attempt < AttemptsMax:
                        order.IsDisturbed = true;
                        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                        await Task.Delay(TimeSpan.FromMilliseconds(100 * attempt), _clock);
                        continue;
                    case var outcome:
                        throw new ImportBrokenOffException($"{command.GetType().Name} ended as {outcome.GetType().Name}.");
                }
            }
        }
        catch
        {
            // The other lines need not find out for themselves.
            _broken = true;
            throw;
        }
        finally
        {
            _slots.Release();
        }
    }

    private static string Tell(Conflict<Product> conflict)
    {
        var clashing = conflict.Unseen.Listed.Where(change => change.Clashes).Select(change => $"{change.Summary} by {change.Actor}");
        return $"Somebody changed the product in the meantime: {string.Join(", ", clashing)}. Look at it, and rename it if that is still wanted.";
    }
}

/// <summary>An import cannot go on now; what it has done is done, and sending the file again goes on from there.</summary>
internal sealed class ImportBrokenOffException(string message = "Another line could not be carried out.") : Exception(message);
