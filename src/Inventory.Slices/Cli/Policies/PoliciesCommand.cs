using Inventory.Slices.Insight;
using JasperFx;
using JasperFx.CommandLine;
using Spectre.Console;

namespace Inventory.Slices.Cli.Policies;

/// <summary>What <c>policies</c> takes.</summary>
public sealed class PoliciesInput : NetCoreInput
{
    [Description("Print what GET /conflict-policies answers instead of a table")]
    public bool JsonFlag { get; set; }
}

/// <summary>The verb that shows the matrix of commands and events. It looks at the code only.</summary>
[Description("Show what happens to each command when it meets changes that its sender has not seen", Name = "policies")]
public sealed class PoliciesCommand : JasperFxAsyncCommand<PoliciesInput>
{
    /// <inheritdoc/>
    public override async Task<bool> Execute(PoliciesInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.JsonFlag)
        {
            await ProgramOutput.WriteAsync(PolicyMatrix.Current);
        }
        else
        {
            PolicyTable.Write(AnsiConsole.Console, PolicyMatrix.Current);
        }

        return true;
    }
}
