using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Inventory.LocalPostgres;

/// <summary>What lies in the data folder, and who uses it.</summary>
internal sealed class ClusterFolder(string path)
{
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
    /// The record of a server that was killed stays behind, and after a restart of the machine or in a container its process id may
    /// belong to any other program. PostgreSQL would refuse to start then, so such a record is removed.
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
        if (lines is [var id, _, _, var port, ..]
            && int.TryParse(id, CultureInfo.InvariantCulture, out var processId)
            && int.TryParse(port, CultureInfo.InvariantCulture, out var portNumber)
            && IsPostgres(processId))
        {
            return (processId, portNumber);
        }

        System.IO.File.Delete(record);
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

    private static bool IsPostgres(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited && process.ProcessName.StartsWith("postgres", StringComparison.Ordinal) && !IsZombie(processId);
        }
        catch (ArgumentException)
        {
            return false; // There is no such process.
        }
    }

    /// <summary>
    /// A dead process stays listed until its parent asks for its exit code, and in a container often nobody does.
    /// </summary>
    private static bool IsZombie(int processId)
    {
        // proc(5): the state follows the program's name, which is in parentheses.
        var stat = $"/proc/{processId}/stat";
        return System.IO.File.Exists(stat) && System.IO.File.ReadAllText(stat).Split(") ")[^1].StartsWith('Z');
    }
}
