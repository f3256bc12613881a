using Inventory.Slices.Cli.Import;
using JasperFx;
using JasperFx.CommandLine;
using Marten;
using Npgsql;
using Spectre.Console;

namespace Inventory.Slices.Cli.Store;

/// <summary>The verb that compares every projected row with the events. It reads only, and works beside the running service.</summary>
[Description("Fold every stream from its beginning and compare the result with every projected row; ends with 1 when they differ", Name = "verify-store")]
public sealed class VerifyStoreCommand : JasperFxAsyncCommand<NetCoreInput>
{
    private const int ShownMax = 20;

    /// <inheritdoc/>
    public override async Task<bool> Execute(NetCoreInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var host = input.BuildHost();
        await host.StartAsync();
        var verification = new StoreVerification(
            new StoreWalk(host.Services.GetRequiredService<IDocumentStore>(), host.Services.GetRequiredService<NpgsqlDataSource>()));
        try
        {
            await FileImport.Progress().StartAsync(progress => verification.RunAsync(progress.AddTask("Verifying")));
        }
        finally
        {
            await host.StopAsync();
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
