using System.Diagnostics;
using System.Text.RegularExpressions;
using Inventory.Tests.Architecture;

namespace Inventory.Tests.Processes;

/// <summary>The service as a process of its own on a real socket, so that it can be killed.</summary>
public sealed partial class ServiceProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _output;

    private ServiceProcess(Process process, List<string> output, Uri address)
    {
        (_process, _output) = (process, output);
        Client = new HttpClient { BaseAddress = address };
    }

    public HttpClient Client { get; }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    public static async Task<ServiceProcess> StartAsync(string connectionString, params string[] arguments)
    {
        var output = new List<string>();
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = Command(["--urls", "http://127.0.0.1:0", .. arguments]) };
        process.StartInfo.Environment["ConnectionStrings__Inventory"] = connectionString;

        void Read(string? line)
        {
            lock (output)
            {
                output.Add(line ?? "");
            }

            if (line is not null && Address().Match(line) is { Success: true } match)
            {
                listening.TrySetResult(new Uri(match.Groups[1].Value));
            }
        }

        process.OutputDataReceived += (_, e) => Read(e.Data);
        process.ErrorDataReceived += (_, e) => Read(e.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => listening.TrySetException(
            new InvalidOperationException($"The service ended before it listened:\n{string.Join('\n', output)}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ServiceProcess(process, output, await listening.Task.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    /// <summary>The built service with some arguments, in development mode.</summary>
    public static ProcessStartInfo Command(IEnumerable<string> arguments)
    {
        // From its own build folder: the command line looks for verbs in the assemblies beside it, and the tests' are no place for that.
        var build = Path.GetRelativePath(Path.Combine(SourceTree.Root, "tests", typeof(ServiceProcess).Assembly.GetName().Name!), AppContext.BaseDirectory);
        var folder = Path.Combine(SourceTree.Root, "src", "Inventory.Slices", build);
        var info = new ProcessStartInfo("dotnet", [Path.Combine(folder, "Inventory.Slices.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        info.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        return info;
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as a supervisor or Ctrl-C would: it stops in order.</summary>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex Address();
}
