using System.ComponentModel;
using System.Diagnostics;

namespace Inventory.LocalPostgres;

/// <summary>One run of a program to its end.</summary>
internal sealed record ProgramRun(string Program, bool Succeeded, string Output)
{
    public static async Task<ProgramRun> StartAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                // A folder that every account may enter; the caller's own may be closed to it.
                WorkingDirectory = Path.GetPathRoot(Path.GetTempPath())!,
            },
        };
        // The messages are read for version numbers and shown to people; they should not depend on the user's language.
        process.StartInfo.Environment["LC_ALL"] = "C";

        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return new ProgramRun(program, Succeeded: false, e.Message);
        }

        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new ProgramRun(program, process.ExitCode == 0, (await output + await error).Trim());
    }

    public static async Task CheckedAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        (await StartAsync(program, arguments, cancellation)).ThrowIfFailed();

    public void ThrowIfFailed()
    {
        if (!Succeeded)
        {
            throw new LocalPostgresException($"{Path.GetFileName(Program)} failed: {Output}");
        }
    }
}
