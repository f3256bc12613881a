using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Inventory.Benchmarks.Load;

namespace Inventory.Benchmarks;

/// <summary>Processes that the benchmarks start, and end by the handle they got.</summary>
internal static partial class Child
{
    /// <summary>Runs the load generator as a process of its own.</summary>
    public static async Task<LoadResult> LoadAsync(LoadPlan plan)
    {
        var output = await RunAsync("dotnet", [Environment.GetCommandLineArgs()[0], "load"], JsonSerializer.Serialize(plan));
        return JsonSerializer.Deserialize<LoadResult>(output) ?? throw new InvalidOperationException("The load generator said nothing.");
    }

    /// <summary>Runs a program to its end and gives what it wrote.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string input = "", (string Name, string Value)[]? environment = null)
    {
        using var process = Start(program, arguments, environment ?? []);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {output}{await error}");
    }

    /// <summary>Starts a web service and waits until it listens.</summary>
    public static async Task<WebService> ServeAsync(IEnumerable<string> arguments, string connectionString)
    {
        var process = Start(
            "dotnet", [.. arguments, "--urls", "http://127.0.0.1:0"],
            [("ASPNETCORE_ENVIRONMENT", "Production"), ("ConnectionStrings__Inventory", connectionString)]);
        var listening = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, e) =>
        {
            if (e.Data is { } line && Address().Match(line) is { Success: true } match)
            {
                listening.TrySetResult(int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
            }
        };
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException("The service ended before it listened."));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new WebService(process, await listening.Task.WaitAsync(TimeSpan.FromMinutes(2)));
    }

    private static Process Start(string program, IEnumerable<string> arguments, (string Name, string Value)[] environment)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            info.Environment[name] = value;
        }

        return Process.Start(info)!;
    }

    [GeneratedRegex(@"Now listening on: http://127\.0\.0\.1:(\d+)")]
    private static partial Regex Address();
}

/// <summary>A web service under measure.</summary>
internal sealed class WebService(Process process, int port) : IAsyncDisposable
{
    public int Port => port;

    /// <summary>The memory it holds now (resident set).</summary>
    public long MemoryBytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    public HttpClient Client { get; } = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }
}
