namespace Inventory.Slices.Products;

/// <summary>The bounds of the domain. All quantities are whole units.</summary>
public static class ProductLimits
{
    /// <summary>The most units a product may have on hand.</summary>
    public const int QuantityUnitsMax = 1_000_000_000;

    /// <summary>The most units one adjustment may add or take.</summary>
    public const int AdjustmentUnitsMax = 1_000_000;

    /// <summary>The most products that one order may change.</summary>
    public const int OrderProductsMax = 100;

    /// <summary>The most lines that one order may have; several may be of one product.</summary>
    public const int OrderLinesMax = 1_000;

    /// <summary>The shortest time that a reservation may be given, in seconds.</summary>
    public const int ReservationSecondsMin = 1;

    /// <summary>The longest time that a reservation may be given, in seconds: 30 days.</summary>
    public const int ReservationSecondsMax = 30 * 24 * 60 * 60;

    /// <summary>The longest name, in Unicode scalar values after normalisation to NFC.</summary>
    public const int NameRunesMax = 200;

    /// <summary>The longest reason for a change, in Unicode scalar values.</summary>
    public const int ReasonRunesMax = 200;

    /// <summary>The longest reference to a document, in Unicode scalar values.</summary>
    public const int ReferenceRunesMax = 100;
}
