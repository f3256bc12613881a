using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Inventory.LocalPostgres;

/// <summary>What lies in the data folder, and who uses it.</summary>
internal sealed class ClusterFolder(string path)
{
    /// <summary>Larger than any process id can be (proc(5), pid_max).</summary>
    private const string NoProcessId = "2147483647";

    private static readonly TimeSpan StartLockPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StartLockInterval = TimeSpan.FromMilliseconds(50);

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The cluster, as <c>initdb</c> makes it.</summary>
    public string Data => File("data");

    /// <summary>Where a cluster is made; it gets its name when it is complete, so a killed <c>initdb</c> leaves nothing half-made.</summary>
    public string NewData => File("data.new");

    public string Log => File("server.log");

    public string PasswordFile => File("password");

    public string Password => System.IO.File.ReadAllText(PasswordFile).Trim();

    /// <summary>The major version of the data, or null when there is none yet.</summary>
    public int? MajorOfData =>
        System.IO.File.Exists(System.IO.Path.Combine(Data, "PG_VERSION"))
            ? int.Parse(System.IO.File.ReadAllText(System.IO.Path.Combine(Data, "PG_VERSION")).Trim(), CultureInfo.InvariantCulture)
            : null;

    /// <summary>
    /// A random password. A private server on a shared machine must not be open to the machine's other users, and loopback is.
    /// </summary>
    public void MakePassword()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new StreamWriter(PasswordFile, options);
        file.WriteLine(RandomNumberGenerator.GetHexString(32, lowercase: true));
    }

    /// <summary>The server that runs on this data, by PostgreSQL's own record of it.</summary>
    /// <remarks>
    /// The record of a server that was killed stays behind. PostgreSQL deals with one whose process is gone, and uses what else it
    /// says to refuse while orphans of that server still work, so it is left alone. But after a restart of the machine, or in a
    /// container, the process id may belong to another program; PostgreSQL would refuse to start. Then only the id is replaced.
    /// </remarks>
    public (int ProcessId, int Port)? RunningServer()
    {
        var record = System.IO.Path.Combine(Data, "postmaster.pid");
        if (!System.IO.File.Exists(record))
        {
            return null;
        }

        // PostgreSQL's documentation, "Database File Layout": line 1 is the process id, line 4 the port.
        var lines = System.IO.File.ReadAllLines(record);
        if (lines.Length < 4
            || !int.TryParse(lines[0], CultureInfo.InvariantCulture, out var processId)
            || !int.TryParse(lines[3], CultureInfo.InvariantCulture, out var port)
            || !Exists(processId))
        {
            return null;
        }

        if (IsServerOfThisData(processId))
        {
            return (processId, port);
        }

        lines[0] = NoProcessId;
        System.IO.File.WriteAllLines(record, lines);
        return null;
    }

    /// <summary>Lets one process at a time start or stop the server. The operating system gives the lock back when a holder is killed.</summary>
    public async Task<IDisposable> LockForStartAsync(CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (TryLock("start.lock", exclusive: true) is { } held)
            {
                return held;
            }

            if (waited.Elapsed > StartLockPatience)
            {
                throw new LocalPostgresException(
                    $"Another process has been starting or stopping the server in {Path} for {StartLockPatience.TotalSeconds:0} s. "
                    + "End that process, or set ConnectionStrings__Inventory to use another server.");
            }

            await Task.Delay(StartLockInterval, cancellation);
        }
    }

    /// <summary>Says that this process uses the server. Many may at once.</summary>
    public IDisposable LockAsUser() => TryLock("users.lock", exclusive: false)
        ?? throw new LocalPostgresException($"{File("users.lock")} is locked by another program. End it and start again.");

    /// <summary>Whether no process uses the server any more.</summary>
    public bool IsUnused()
    {
        using var everyone = TryLock("users.lock", exclusive: true);
        return everyone is not null;
    }

    // FileShare maps to advisory locks (flock) on Unix: Read with read access to a shared one, None to an exclusive one.
    private FileStream? TryLock(string name, bool exclusive)
    {
        try
        {
            System.IO.File.Open(File(name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
            return exclusive
                ? new FileStream(File(name), FileMode.Open, FileAccess.ReadWrite, FileShare.None)
                : new FileStream(File(name), FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private string File(string name) => System.IO.Path.Combine(Path, name);

    private static bool Exists(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>
    /// Whether a process is the server of this data. Another PostgreSQL of the machine may have got the id of an old one; a server
    /// works in its data folder, which Linux tells. A dead process stays listed until its parent asks for its exit code, in a
    /// container often for ever: such a one works nowhere.
    /// </summary>
    private bool IsServerOfThisData(int processId)
    {
        using var process = Process.GetProcessById(processId);
        if (!process.ProcessName.StartsWith("postgres", StringComparison.Ordinal))
        {
            return false;
        }

        try
        {
            return !OperatingSystem.IsLinux()
                || System.IO.File.ResolveLinkTarget($"/proc/{processId}/cwd", returnFinalTarget: false)?.FullName == RealPath(Data);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The path without symbolic links, as the operating system tells it of a process.</summary>
    private static string RealPath(string path)
    {
        var parent = System.IO.Path.GetDirectoryName(path);
        if (parent is null)
        {
            return path;
        }

        var here = System.IO.Path.Combine(RealPath(parent), System.IO.Path.GetFileName(path));
        return new DirectoryInfo(here).ResolveLinkTarget(returnFinalTarget: true) is { } target ? RealPath(target.FullName) : here;
    }
}
