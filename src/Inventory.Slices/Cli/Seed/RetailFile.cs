using System.Globalization;
using CsvHelper;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;

namespace Inventory.Slices.Cli.Seed;

/// <summary>One line of an invoice that can be applied.</summary>
/// <param name="Number">The line's number in the file; the header is line 1.</param>
/// <param name="Invoice">The invoice it belongs to.</param>
/// <param name="SkuKey">The product.</param>
/// <param name="Quantity">Units that left the shop; negative when they came back.</param>
public sealed record RetailLine(int Number, string Invoice, string SkuKey, int Quantity);

/// <summary>A product that lines name.</summary>
/// <param name="Sku">Its stock keeping unit, as the first line writes it.</param>
/// <param name="Name">The first description that can be a name; the stock keeping unit when none can.</param>
public sealed record RetailProduct(string Sku, string Name);

/// <summary>A line that cannot be applied, and why.</summary>
public sealed record RefusedSeed(int Number, string Sku, string Reason);

/// <summary>
/// A file of invoice lines with a header that names at least InvoiceNo, StockCode, Description and Quantity: the form of the
/// data set "Online Retail" of the UCI Machine Learning Repository.
/// </summary>
public sealed class RetailFile
{
    private static readonly string[] Columns = ["InvoiceNo", "StockCode", "Description", "Quantity"];

    private readonly List<RetailLine> _lines = [];
    private readonly List<RefusedSeed> _refused = [];
    private readonly Dictionary<string, RetailProduct> _products = [];

    private RetailFile()
    {
    }

    /// <summary>The lines that can be applied, in the file's order.</summary>
    public IReadOnlyList<RetailLine> Lines => _lines;

    /// <summary>The lines that cannot.</summary>
    public IReadOnlyList<RefusedSeed> Refused => _refused;

    /// <summary>The products by <see cref="Sku.Key"/>.</summary>
    public IReadOnlyDictionary<string, RetailProduct> Products => _products;

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="StartRefusedException">It is not there, or not of this form.</exception>
    public static async Task<RetailFile> ReadAsync(string path)
    {
        if (!File.Exists(path))
        {
            throw new StartRefusedException($"There is no file {Path.GetFullPath(path)}.");
        }

        await using var csv = CsvReader.FromFile(path, new CsvReaderOptions { Separator = ',', TrackLineNumbers = true });
        var file = new RetailFile();
        try
        {
            await csv.ReadHeaderAsync();
            if (Columns.FirstOrDefault(column => !csv.Headers.Contains(column)) is { } missing)
            {
                throw new StartRefusedException(
                    $"{path} has no column {missing}. Its first line must name {string.Join(", ", Columns)}, separated by commas.");
            }

            while (await csv.ReadAsync())
            {
                file.Add(
                    (int)csv.LineNumber, csv.GetString("InvoiceNo"), csv.GetString("StockCode"), csv.GetString("Description"),
                    csv.GetString("Quantity"));
            }
        }
        catch (CsvFormatException e)
        {
            throw new StartRefusedException($"{path} is not CSV near line {e.LineNumber}: {e.Message}");
        }

        return file;
    }

    private void Add(int number, string invoice, string sku, string description, string quantity)
    {
        if (!Sku.IsAllowed(sku))
        {
            _refused.Add(new RefusedSeed(number, sku, $"the SKU is not allowed: {Sku.Rule}"));
        }
        else if (!int.TryParse(quantity, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var units)
                 || units is 0 or < -ProductLimits.AdjustmentUnitsMax or > ProductLimits.AdjustmentUnitsMax)
        {
            _refused.Add(new RefusedSeed(number, sku, $"the quantity “{quantity}” is not a number of units an adjustment can have"));
        }
        else
        {
            var key = Sku.Key(sku);
            var known = _products.GetValueOrDefault(key) ?? new RetailProduct(sku, sku);
            _products[key] = known.Name == known.Sku && NameOf(description) is { } name ? known with { Name = name } : known;
            _lines.Add(new RetailLine(number, invoice, key, units));
        }
    }

    private static string? NameOf(string description)
    {
        var shape = new Shape();
        var name = shape.Text("name", description, ProductLimits.NameRunesMax);
        return shape.Problem is null ? name : null;
    }
}
