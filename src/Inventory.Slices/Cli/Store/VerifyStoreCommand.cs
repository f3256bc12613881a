using JasperFx;
using JasperFx.CommandLine;
using Spectre.Console;

namespace Inventory.Slices.Cli.Store;

/// <summary>What <c>verify-store</c> takes.</summary>
public sealed class VerifyStoreInput : NetCoreInput
{
    [Description("Print the result as JSON; everything else goes to the standard error output")]
    public bool JsonFlag { get; set; }
}

/// <summary>The verb that compares every projected row with the events. It reads only, and works beside the running service.</summary>
[Description("Fold every stream from its beginning and compare the result with every projected row; ends with 1 when they differ", Name = "verify-store")]
public sealed class VerifyStoreCommand : JasperFxAsyncCommand<VerifyStoreInput>
{
    private const int ShownMax = 20;

    /// <inheritdoc/>
    public override async Task<bool> Execute(VerifyStoreInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var verification = new StoreVerification();
        await StoreWalk.RunAsync(input, "Verifying", verification.RunAsync);
        if (input.JsonFlag)
        {
            await ProgramOutput.WriteAsync(new { verification.Products, verification.Events, verification.Rows, verification.Behind, verification.Differences });
        }

        AnsiConsole.WriteLine($"Products     {verification.Products}");
        AnsiConsole.WriteLine($"Events       {verification.Events}");
        AnsiConsole.WriteLine($"Rows         {verification.Rows}");
        AnsiConsole.WriteLine($"Behind       {verification.Behind}");
        AnsiConsole.WriteLine($"Differences  {verification.Differences.Count}");
        foreach (var difference in verification.Differences.Take(ShownMax))
        {
            AnsiConsole.WriteLine($"  {difference}");
        }

        if (verification.Differences.Count > 0)
        {
            AnsiConsole.WriteLine("Rows of the product list and the movements are written again by “rebuild”. Report a snapshot or a reservation that differs: that is a defect.");
        }

        return verification.Differences.Count == 0;
    }
}
