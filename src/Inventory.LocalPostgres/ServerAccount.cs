namespace Inventory.LocalPostgres;

/// <summary>
/// The account that PostgreSQL's programs run under: the user's own, except that root lends them another one, because
/// PostgreSQL refuses to run as root.
/// </summary>
internal static class ServerAccount
{
    private static readonly string[] Candidates = ["postgres", "nobody"];

    public static bool IsRoot { get; } = !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>Makes a folder that the account can use and others cannot read.</summary>
    public static async Task OwnAsync(string path, CancellationToken cancellation)
    {
        Directory.CreateDirectory(path);
        if (IsRoot)
        {
            var (user, group) = await IdsAsync(cancellation);
            await ProgramRun.CheckedAsync("chown", [$"{user}:{group}", path], cancellation);
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Runs one of PostgreSQL's programs under the account.</summary>
    public static async Task<ProgramRun> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        if (!IsRoot)
        {
            return await ProgramRun.StartAsync(program, arguments, cancellation);
        }

        var (user, group) = await IdsAsync(cancellation);
        return await ProgramRun.StartAsync(
            "setpriv", [$"--reuid={user}", $"--regid={group}", "--clear-groups", "--", program, .. arguments], cancellation);
    }

    private static async Task<(string User, string Group)> IdsAsync(CancellationToken cancellation)
    {
        foreach (var candidate in Candidates)
        {
            var user = await ProgramRun.StartAsync("id", ["-u", candidate], cancellation);
            if (user.Succeeded)
            {
                return (user.Output, (await ProgramRun.StartAsync("id", ["-g", candidate], cancellation)).Output);
            }
        }

        throw new LocalPostgresException(
            "PostgreSQL does not run as root, and there is neither an account “postgres” nor “nobody” to run it under. "
            + "Start the service as an ordinary user.");
    }
}
