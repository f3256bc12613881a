using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;
using Marten;
using Microsoft.Extensions.Options;

namespace Inventory.Slices.Stock;

/// <summary>
/// Carries a file out, some thousand lines at a time: all lines of a step end before it is written down that they did, and the next
/// begins after that. What was under way when a run was broken off is one step, and its receipts say how far that had come.
/// </summary>
internal sealed class ImportRun(IServiceProvider services, string actor, ImportFile file)
{
    private static readonly IReadOnlyDictionary<ReceiptId, Receipt> NoReceipts = new Dictionary<ReceiptId, Receipt>();

    private readonly DatabaseReads _reads = services.GetRequiredService<DatabaseReads>();
    private readonly IDocumentStore _store = services.GetRequiredService<IDocumentStore>();
    private readonly ImportCommands _commands = new(services, ImportLedger.IdOf(actor, file.Sha256), actor, file.Sha256);

    /// <summary>Carries out what is not done yet.</summary>
    /// <param name="claim">The import, which nobody else carries out meanwhile.</param>
    /// <param name="progress">Is told how many more lines have ended.</param>
    /// <param name="stopping">Ends the run after the step that is under way.</param>
    /// <exception cref="ImportBrokenOffException">It cannot go on now.</exception>
    public async Task RunAsync(ImportLedger.ImportClaim claim, Action<int> progress, CancellationToken stopping)
    {
        var (lines, refused, done, since) = await claim.ProgressAsync(stopping);
        progress(lines);
        if (done)
        {
            return;
        }

        var kept = services.GetRequiredService<IOptions<ConflictOptions>>().Value.ReceiptsKept;
        if (since > kept)
        {
            throw new ImportBrokenOffException(
                $"It was broken off more than {kept.TotalDays:0.#} days ago, so it is not known any more which of the lines after the first {lines} were carried out. "
                + "Compare the products of those with the file, and send what is missing as a file of its own.");
        }

        var resuming = true;
        await foreach (var step in file.ReadAsync(lines, CancellationToken.None).Chunk(ImportLimits.ImportLinesPerStepMax))
        {
            if (stopping.IsCancellationRequested)
            {
                throw new ImportBrokenOffException("The service is being stopped.");
            }

            var ended = await StepAsync(step, resuming);
            var listed = ended.Where(line => line.Refusal is not null).OrderBy(line => line.Line.Number)
                .Take(ImportLimits.ImportRefusedListedMax - refused).ToList();
            await claim.NoteAsync(ended, listed);
            refused += ended.Count(line => line.Refusal is not null);
            progress(ended.Count);
            resuming = false;
        }

        await claim.EndAsync();
    }

    private async Task<IReadOnlyCollection<EndedLine>> StepAsync(IReadOnlyCollection<ImportLine> step, bool resuming)
    {
        var bySku = step.Where(line => line.Fault is null).GroupBy(line => Sku.Key(line.Sku)).ToList();
        var receipts = resuming ? await ReceiptsAsync(bySku.SelectMany(group => group)) : NoReceipts;
        var products = (await FindAsync([.. bySku.Select(group => group.Key)])).ToDictionary(product => product.SkuKey);
        var ended = await Task.WhenAll(bySku.Select(group => new ProductLines(
            _commands, products.GetValueOrDefault(group.Key), [.. group], receipts,
            async sku => await FindAsync([Sku.Key(sku)]) is [var found, ..] ? found : null).RunAsync()));
        return
        [
            .. step.Where(line => line.Fault is not null).Select(line => new EndedLine(line, line.Fault, Replayed: false)),
            .. ended.SelectMany(lines => lines),
        ];
    }

    private Task<IReadOnlyDictionary<ReceiptId, Receipt>> ReceiptsAsync(IEnumerable<ImportLine> lines)
    {
        List<ReceiptId> ids =
            [.. lines.SelectMany(line => Enum.GetValues<LineCommand>().Select(command => _commands.ReceiptOf(line.Number, command)))];
        return _reads.ReadOnAsync(Work.List, ct => services.GetRequiredService<Receipts>().FindAsync(ids, ct), CancellationToken.None);
    }

    private Task<IReadOnlyList<Product>> FindAsync(string[] skuKeys) => _reads.ReadOnAsync(
        Work.List,
        async ct =>
        {
            await using var session = _store.QuerySession();
            return await session.Query<Product>().Where(product => skuKeys.Contains(product.SkuKey)).ToListAsync(ct);
        },
        CancellationToken.None);
}
