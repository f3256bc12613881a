using System.Diagnostics;
using System.Globalization;

namespace Inventory.Verification.Running;

/// <summary>A node: the built service as a process of its own, on a port that it keeps over its deaths.</summary>
internal sealed class ServiceNode(int number, int port, IReadOnlyList<(string Name, string Value)> settings, string? otherVersion, string folder) : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(1);

    private readonly HttpClient _health = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(5) };
    private Process? _process;
    private StreamWriter? _log;
    private string _program = otherVersion ?? Program;

    /// <summary>The service, built as this program was.</summary>
    private static string Program { get; } = Path.Combine(Root(AppContext.BaseDirectory), "src", "Inventory.Slices", BuildFolder, "Inventory.Slices.dll");

    private static string BuildFolder => AppContext.BaseDirectory[AppContext.BaseDirectory.LastIndexOf($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal)..]
        .Trim(Path.DirectorySeparatorChar);

    /// <summary>Watches a node from inside, and disturbs it when it is told to.</summary>
    private static string Bystander { get; } =
        Path.Combine(Root(AppContext.BaseDirectory), "tests", "Inventory.Bystanders", BuildFolder, "Inventory.Bystanders.dll");

    /// <summary>Where a bystander in the process writes down what is held there.</summary>
    public string LevelsFile => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"levels-{_process?.Id}.json"));

    /// <summary>Whether the process is there.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Starts the process, as often as it ends by itself because the database is not there, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(200))
        {
            Start();
            if (await AnswersAsync())
            {
                return;
            }

            if (clock.Elapsed > StartPatience)
            {
                throw new InvalidOperationException($"Node {number} does not start; see node{number}.log.");
            }
        }
    }

    /// <summary>Has it start in the other version from now on.</summary>
    public void ChangeVersion() => _program = _program == Program ? otherVersion! : Program;

    /// <summary>Writes the catalogue again, by the command line beside the node.</summary>
    public async Task RebuildAsync()
    {
        using var rebuild = new Process { StartInfo = Info(["rebuild", "products"]) };
        rebuild.Start();
        // It may fail because of another fault; what it leaves is what counts.
        await Task.WhenAll(rebuild.StandardOutput.ReadToEndAsync(), rebuild.StandardError.ReadToEndAsync(), rebuild.WaitForExitAsync());
    }

    /// <summary>Waits until it answers; false when it ends before.</summary>
    public async Task<bool> AnswersAsync()
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < StartPatience; await Task.Delay(100))
        {
            if (!IsRunning)
            {
                return false;
            }

            try
            {
                using var answer = await _health.GetAsync(new Uri("/health/live", UriKind.Relative));
                if (answer.IsSuccessStatusCode)
                {
                    return true;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // Not yet.
            }
        }

        throw new InvalidOperationException($"Node {number} does not answer; see node{number}.log.");
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        if (IsRunning)
        {
            _process!.Kill();
            await _process.WaitForExitAsync();
        }
    }

    /// <summary>Sends a signal to this process, and to no other.</summary>
    public Task SignalAsync(string signal) => Signals.SendAsync(_process!.Id, signal);

    /// <summary>SIGTERM, and SIGKILL when it takes too long.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        try
        {
            await _process!.WaitForExitAsync().WaitAsync(StopPatience);
        }
        catch (TimeoutException)
        {
            await KillAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
        _health.Dispose();
        if (_log is not null)
        {
            await _log.DisposeAsync();
        }
    }

    private void Start()
    {
        var log = _log ??= new StreamWriter(Path.Combine(folder, $"node{number}.log")) { AutoFlush = true };
        _process?.Dispose();
        _process = new Process { StartInfo = Info(["--urls", $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}"]) };
        _process.OutputDataReceived += (_, e) => Write(log, e.Data);
        _process.ErrorDataReceived += (_, e) => Write(log, e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private ProcessStartInfo Info(IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo("dotnet", [_program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(_program),
        };
        info.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        info.Environment["Logging__LogLevel__Default"] = "Warning";
        info.Environment["DOTNET_STARTUP_HOOKS"] = Bystander;
        info.Environment["INVENTORY_BYSTANDERS"] = folder;
        foreach (var (name, value) in settings)
        {
            info.Environment[name] = value;
        }

        return info;
    }

    private static void Write(StreamWriter log, string? line)
    {
        lock (log)
        {
            if (line is not null && log.BaseStream.CanWrite)
            {
                log.WriteLine(line);
            }
        }
    }

    private static string Root(string folder) => File.Exists(Path.Combine(folder, "Inventory.Slices.sln"))
        ? folder
        : Root(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Inventory.Slices.sln is in no folder above the program."));
}

/// <summary>Signals to processes that the run has started.</summary>
internal static class Signals
{
    public static Task SendAsync(int processId, string signal) => SendAsync([processId], signal);

    public static async Task SendAsync(IReadOnlyList<int> processIds, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", .. processIds.Select(id => id.ToString(CultureInfo.InvariantCulture))]);
        await kill.WaitForExitAsync();
    }
}
