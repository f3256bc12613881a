using System.Diagnostics;

namespace Inventory.Tests.Processes;

/// <summary>Verbs that only look at the code run where there is no database, such as in an image's build.</summary>
public sealed class VerbsWithoutDatabase
{
    [Theory]
    [InlineData("help", "seed")]
    [InlineData("describe", "Wolverine")]
    [InlineData("openapi", "\"openapi\": \"3.1.")]
    [InlineData("policies", "RenameProduct")]
    [InlineData("wolverine-diagnostics codegen-preview --handler RenameProduct", "SaveChangesAsync")]
    public async Task Run(string arguments, string shown)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var process = new Process { StartInfo = ServiceProcess.Command(arguments.Split(' ')) };
        process.StartInfo.Environment["ConnectionStrings__Inventory"] = "";
        process.Start();
        var error = process.StandardError.ReadToEndAsync(cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        Assert.True(process.ExitCode == 0, output + await error);
        Assert.Contains(shown, output, StringComparison.Ordinal);
    }
}
