using System.Globalization;
using CsvHelper;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;

namespace Inventory.Slices.Stock;

/// <summary>What the columns of a file mean, by its header. Names are compared without case.</summary>
internal abstract class ImportColumns
{
    private ImportColumns()
    {
    }

    /// <summary>Which columns there are, for people.</summary>
    public const string Rule =
        "The first line names the columns, separated by commas: sku, name, quantity, reason, reference (sku and one more at least; those of an "
        + "exported catalogue may stay), or those of a file of invoice lines: InvoiceNo, StockCode, Description, Quantity.";

    /// <summary>Finds the form of a file; null and a <paramref name="fault"/> when it has none.</summary>
    public static ImportColumns? Of(IReadOnlyList<string> headers, out string? fault)
    {
        var names = headers.Select(header => header.Trim()).ToList();
        fault = names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? $"The column “{twice.Key}” is there twice."
            : null;
        if (fault is not null)
        {
            return null;
        }

        return Find("StockCode") >= 0 ? InvoiceColumns.Of(Find, out fault) : DeliveryColumns.Of(names, Find, out fault);

        int Find(string column) => names.FindIndex(name => name.Equals(column, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Reads the current line.</summary>
    public abstract ImportLine Read(CsvReader csv);

    private static string? Optional(CsvReader csv, int column) => column >= 0 && !csv.IsEmpty(column) ? Cell(csv, column) : null;

    private static string Cell(CsvReader csv, int column) => CsvCell.Unguard(csv.GetString(column));

    private static int? Units(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var units) ? units : null;

    /// <summary>Products that come in: created, named, received.</summary>
    private sealed class DeliveryColumns(int sku, int name, int quantity, int reason, int reference) : ImportColumns
    {
        private static readonly string[] Known =
        [
            "sku", "name", "quantity", "reason", "reference",
            // What a catalogue is exported with besides. It says how things stood, not what to do.
            "id", "onHand", "reserved", "available", "reorderPoint", "discontinued", "version",
        ];

        public static DeliveryColumns? Of(List<string> names, Func<string, int> find, out string? fault)
        {
            fault = names.FirstOrDefault(name => !Known.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown
                ? $"There is no column “{unknown}”."
                : find("sku") < 0 ? "The column sku is missing."
                : find("name") < 0 && find("quantity") < 0 ? "There is neither a column name nor a column quantity, so there is nothing to do."
                : null;
            return fault is null ? new DeliveryColumns(find("sku"), find("name"), find("quantity"), find("reason"), find("reference")) : null;
        }

        public override ImportLine Read(CsvReader csv)
        {
            var shape = new Shape();
            var line = new ImportLine((int)csv.LineNumber, shape.Sku("sku", csv.GetString(sku)))
            {
                Name = shape.OptionalText("name", Optional(csv, name), ProductLimits.NameRunesMax),
                Renames = true,
                Delta = Quantity(Optional(csv, quantity) ?? "0", shape),
                Reason = shape.OptionalText("reason", Optional(csv, reason), ProductLimits.ReasonRunesMax) ?? "receipt",
                Reference = shape.OptionalText("reference", Optional(csv, reference), ProductLimits.ReferenceRunesMax),
            };
            return line with
            {
                Fault = shape.Fault ?? (line is { Name: null, Delta: 0 } ? "There is nothing to do: give a name, or a quantity other than 0." : null),
            };
        }

        private static int Quantity(string text, Shape shape)
        {
            if (Units(text) is { } units and >= 0 and <= ProductLimits.AdjustmentUnitsMax)
            {
                return units;
            }

            shape.Fail("quantity", $"takes the units received, 0 to {ProductLimits.AdjustmentUnitsMax}; it was “{text}”.");
            return 0;
        }
    }

    /// <summary>
    /// Lines of invoices, as in the data set "Online Retail" of the UCI Machine Learning Repository: sales take stock, negative
    /// quantities bring it back. Their descriptions name new products and are no renames.
    /// </summary>
    private sealed class InvoiceColumns(int invoice, int sku, int description, int quantity) : ImportColumns
    {
        private static readonly string[] Needed = ["InvoiceNo", "StockCode", "Description", "Quantity"];

        public static InvoiceColumns? Of(Func<string, int> find, out string? fault)
        {
            fault = Needed.FirstOrDefault(name => find(name) < 0) is { } missing ? $"The column {missing} is missing." : null;
            return fault is null ? new InvoiceColumns(find("InvoiceNo"), find("StockCode"), find("Description"), find("Quantity")) : null;
        }

        public override ImportLine Read(CsvReader csv)
        {
            var (number, code, units) = ((int)csv.LineNumber, csv.GetString(sku), csv.GetString(quantity));
            if (!Products.Sku.IsAllowed(code))
            {
                return new ImportLine(number, code) { Fault = $"the SKU is not allowed: {Products.Sku.Rule}" };
            }

            if (Units(units) is not { } sold || sold is 0 or < -ProductLimits.AdjustmentUnitsMax or > ProductLimits.AdjustmentUnitsMax)
            {
                return new ImportLine(number, code) { Fault = $"the quantity “{units}” is not a number of units an adjustment can have" };
            }

            var shape = new Shape();
            return new ImportLine(number, code)
            {
                Name = NameOf(csv.GetString(description)),
                Delta = -sold,
                Reason = sold > 0 ? "sale" : "return",
                Reference = shape.OptionalText("InvoiceNo", Optional(csv, invoice), ProductLimits.ReferenceRunesMax),
                Fault = shape.Fault,
            };
        }

        /// <summary>Null when the description can be no name: such a line is sold all the same.</summary>
        private static string? NameOf(string description)
        {
            var shape = new Shape();
            var name = shape.Text("Description", description, ProductLimits.NameRunesMax);
            return shape.Fault is null ? name : null;
        }
    }
}
