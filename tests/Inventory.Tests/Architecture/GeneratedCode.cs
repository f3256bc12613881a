using System.Text.RegularExpressions;
using Inventory.Tests.Conflicts;
using Inventory.Tests.Hosting;
using JasperFx.CodeGeneration;
using JasperFx.CodeGeneration.Model;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Wolverine;

namespace Inventory.Tests.Architecture;

/// <summary>A service that has run nothing yet: code can be generated from its chains once only.</summary>
public sealed class UnusedService(DatabaseServer server) : Service(server)
{
    private string? _code;

    public string Code => _code ??= new DynamicCodeBuilder(Host.Services, [.. Host.Services.GetServices<ICodeFileCollection>()])
    {
        ServiceVariableSource = Host.Services.GetService<IServiceVariableSource>(),
    }.GenerateAllCode();

    protected override void Configure(IWebHostBuilder builder) => builder.ConfigureServices(services =>
        services.ConfigureWolverine(options => options.Discovery.IncludeType(typeof(SellAndTellHandler))));
}

/// <summary>The code that Wolverine generates for one chain of each policy: what is loaded, when it is saved, what is injected.</summary>
public sealed class GeneratedCode(UnusedService service) : IClassFixture<UnusedService>
{
    [Theory]
    [InlineData(nameof(SellAndTell), "chain-retry.txt")]
    [InlineData("AdjustStock", "chain-merge.txt")]
    [InlineData("RenameProduct", "chain-reject.txt")]
    [InlineData("CreateProduct", "chain-reject-starting-a-stream.txt")]
    public void The_code_that_runs_a_command_is_as_approved(string command, string name)
    {
        var chain = Regex.Match(
            service.Code, $@"// START: {command}Handler\d*\s.*?// END: {command}Handler\d*", RegexOptions.Singleline);
        Assert.True(chain.Success, $"There is no handler chain for {command}.");

        // Generated class names end in a hash of the handler.
        Approval.Matches(Regex.Replace(chain.Value, @"(?<=Handler)\d+", ""), name);
    }
}
