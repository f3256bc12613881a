using Inventory.Slices.Products;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Inventory.Slices.Reservations;

/// <summary>The table of all reservations, open and closed; a projection of the products' streams (<see cref="ReservationWriter"/>).</summary>
internal sealed class ReservationTable : Table
{
    /// <summary>Its name, in the store's schema.</summary>
    public const string Name = "reservations";

    public ReservationTable(string schema) : base(PostgresqlProvider.Instance.Parse(schema, Name))
    {
        AddColumn("id", "uuid").AsPrimaryKey();
        AddColumn("product_id", "uuid").NotNull();
        AddColumn("quantity", "integer").NotNull();
        AddColumn("status", "text").NotNull();
        AddColumn("expires_at", "timestamp with time zone").NotNull();
        AddColumn("reference", "text");
        AddColumn("committed_quantity", "integer");
        AddColumn("opened_by", "text").NotNull();
        AddColumn("opened_at", "timestamp with time zone").NotNull();
        AddColumn("closed_by", "text");
        AddColumn("closed_at", "timestamp with time zone");

        // Whoever lists a product's reservations reads along this; a product that has had a million and has ten open is listed as fast as one that has had ten.
        Indexes.Add(new IndexDefinition("reservations_of_product") { Columns = ["product_id", "status", "id"] });
        // Those that end next, of all products: only open ones are in it.
        Indexes.Add(new IndexDefinition("reservations_by_end") { Columns = ["expires_at", "id"], Predicate = "status = 'Open'" });
    }
}
