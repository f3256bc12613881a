using System.Net.Http.Json;

namespace Inventory.Benchmarks.Peers;

/// <summary>The service as containers have it, with the code that is otherwise generated at its start compiled in.</summary>
internal sealed class StartUp : IDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inventory-start-up-");

    /// <summary>Generates the code and builds the service with it.</summary>
    public async Task BuildAsync()
    {
        var project = Path.Combine(Repository.Root, "src", "Inventory.Slices");
        var generated = Path.Combine(project, "Internal", "Generated");
        try
        {
            await Child.RunAsync("dotnet", ["run", "--project", project, "--configuration", "Release", "--no-build", "--no-launch-profile", "--", "codegen", "write"], environment: [("ASPNETCORE_ENVIRONMENT", "Development")]);
            await Child.RunAsync("dotnet", ["build", project, "--configuration", "Release", "--no-restore", "--output", _folder.FullName]);
        }
        finally
        {
            if (Directory.Exists(generated))
            {
                Directory.Delete(generated, recursive: true);
            }
        }
    }

    /// <summary>Starts it on a database that knows it already, and gives it a command as soon as it listens.</summary>
    public async Task<StartFigures> MeasureAsync(string connectionString, int round)
    {
        var start = TimeProvider.System.GetTimestamp();
        await using var service = await Child.ServeAsync([Path.Combine(_folder.FullName, "Inventory.Slices.dll")], connectionString);
        using var answer = await service.Client.PostAsJsonAsync("/products", new { sku = $"START-{round}", name = "Start", initialQuantity = 1 });
        answer.EnsureSuccessStatusCode();
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        await Task.Delay(Idle);
        return new StartFigures(seconds, service.MemoryBytes);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

/// <summary>What a start came to.</summary>
/// <param name="Seconds">From the start of the process to the first answered command.</param>
/// <param name="IdleBytes">The memory it held ten seconds later (resident set).</param>
internal sealed record StartFigures(double Seconds, long IdleBytes);
