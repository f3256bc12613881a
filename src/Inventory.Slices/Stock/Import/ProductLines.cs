using Inventory.Conflicts;
using Inventory.Slices.Catalog;
using Inventory.Slices.Products;

namespace Inventory.Slices.Stock;

/// <summary>The lines of one product, carried out in the file's order.</summary>
/// <param name="commands">Sends their commands.</param>
/// <param name="product">The product as it was found; null when there was none.</param>
/// <param name="lines">The lines.</param>
/// <param name="receipts">What an earlier run, which was broken off among these lines, had sent of them.</param>
/// <param name="find">Finds the product by its SKU, when somebody else has just created it.</param>
internal sealed class ProductLines(
    ImportCommands commands, Product? product, IReadOnlyList<ImportLine> lines, IReadOnlyDictionary<ReceiptId, Receipt> receipts,
    Func<string, Task<Product?>> find)
{
    private const string Nameless = "No product has this SKU. Give it a name to create it.";

    private readonly CommandOrder _order = new();
    private Product? _product = product;

    /// <summary>Carries them out.</summary>
    public async Task<IReadOnlyList<EndedLine>> RunAsync()
    {
        // A run that was broken off came past every line before the last one that it sent something of. One without a receipt among
        // them had nothing to send, and must not find something now that later lines have changed the product.
        var passed = receipts.Count == 0 ? -1 : Enumerable.Range(0, lines.Count).LastOrDefault(n => HasReceipt(lines[n]), -1);
        var ending = new List<Task<EndedLine>>(lines.Count);
        for (var n = 0; n < lines.Count; n++)
        {
            var line = lines[n];
            var named = n < passed ? NamedThen(n) : await NameAsync(line);
            ending.Add(named.Refusal is null && line.Delta != 0
                ? EndAsync(line, named, await AdjustAsync(line))
                : Task.FromResult(new EndedLine(line, named.Refusal, named.Replayed)));
        }

        return await Task.WhenAll(ending);
    }

    private bool HasReceipt(ImportLine line) => Enum.GetValues<LineCommand>().Any(command => Find(line, command) is not null);

    private Receipt? Find(ImportLine line, LineCommand command) =>
        receipts.Count == 0 ? null : receipts.GetValueOrDefault(commands.ReceiptOf(line.Number, command));

    /// <summary>How the naming of a line ended that the earlier run came past.</summary>
    private EndedCommand NamedThen(int n)
    {
        if (Find(lines[n], LineCommand.Rename) is { } renamed)
        {
            return ImportCommands.Of(renamed);
        }

        var createdLater = lines.Skip(n + 1).Any(line => Find(line, LineCommand.Create) is { Answer.Status: StatusCodes.Status201Created });
        return new EndedCommand(createdLater ? Nameless : null, Replayed: true);
    }

    /// <summary>Sees to it that the product is there and has the line's name.</summary>
    private async Task<EndedCommand> NameAsync(ImportLine line)
    {
        var created = false;
        if (_product is null)
        {
            if (line.NameOfNew is not { } nameOfNew)
            {
                return new EndedCommand(Nameless, Replayed: false);
            }

            var ended = await CreateAsync(line, nameOfNew);
            _product = ended.State ?? await find(line.Sku);
            if (_product is null)
            {
                return ended;
            }

            created = ended.Refusal is null;
        }

        if (created || Find(line, LineCommand.Create) is { Answer.Status: StatusCodes.Status201Created })
        {
            return new EndedCommand(null, Replayed: !created);
        }

        var wanted = line.Name is { } name && (line.Renames || _product.Name == _product.Sku) && name != _product.Name;
        if (!wanted && Find(line, LineCommand.Rename) is null)
        {
            return new EndedCommand(null, Replayed: false);
        }

        var renamed = await await commands.BeginAsync(
            _product.Id, new RenameProduct(_product.Id, line.Name!), line.Number, LineCommand.Rename, new Precondition.Seen(_product.Version), _order);
        _product = renamed.State ?? _product;
        return renamed;
    }

    private async Task<EndedCommand> CreateAsync(ImportLine line, string name)
    {
        var id = commands.NewId();
        return await await commands.BeginAsync(id, new CreateProduct(id, line.Sku, name, 0), line.Number, LineCommand.Create, Precondition.None, _order);
    }

    private Task<Task<EndedCommand>> AdjustAsync(ImportLine line) => commands.BeginAsync(
        _product!.Id, new AdjustStock(_product.Id, line.Delta, line.Reason, line.Reference), line.Number, LineCommand.Adjust, Precondition.None, _order);

    private static async Task<EndedLine> EndAsync(ImportLine line, EndedCommand named, Task<EndedCommand> adjusting)
    {
        var adjusted = await adjusting;
        return new EndedLine(line, adjusted.Refusal, named.Replayed || adjusted.Replayed);
    }
}
