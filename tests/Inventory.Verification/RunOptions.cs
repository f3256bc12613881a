using System.Globalization;
using System.Security.Cryptography;
using Inventory.Verification.Controls;
using Inventory.Verification.Faults;
using Inventory.Verification.Running;

namespace Inventory.Verification;

/// <summary>The options of the command line, each with a name and a value.</summary>
internal sealed class RunOptions
{
    private static readonly string[] Known = ["workload", "faults", "without", "fault-count", "nodes", "clients", "operations", "minutes", "seed", "seeds", "folder", "connection", "ahead", "disk", "other", "nuisances", "bystanders"];

    private readonly Dictionary<string, string> _values = [];

    /// <summary>What <c>--help</c> prints.</summary>
    public static string Help { get; } =
        $"""
        Checks what the service promises. It starts nodes of the built service and a private PostgreSQL, sends them a workload while it
        kills, stops and cuts them off, records what every client was told and when, and holds that against the events in the database.
        docs/verification.md lists the invariants by their numbers.

          run                       one run, and its verdict
          record                    many runs, each with the next seed and workload, and their sum
          demand                    a million operations and 300 faults over all workloads, in less than an hour and a half
          ci                        up to 50,000 operations and 20 faults in a minute of load, and most controls
          control [NAME]            break a promise on purpose, and see the run turn red; all of them without a name
          check FOLDER              check a recorded run again, without the service and the database
          simulate FOLDER COUNT     write a history of so many operations that keeps every promise, to see how fast it is checked

        Ends with 0 when every promise was kept, 1 when one was broken (a control: when that was not noticed), 3 when the run is incomplete
        and proves nothing.

        A report of each run, with the faults and the answers on a line of time, is written to report.html in the folder.

        Options of run and record (of demand and ci: --seed, --folder and --connection):
          --workload NAME      what clients ask for; default mixed; record goes through all of them unless one is named
          --faults NAMES       comma-separated, all or none; default all
          --without NAMES      comma-separated, faults that are left out; default none
          --fault-count N      how many; default 20
          --operations N       at least how many; default 20000
          --minutes N          at most how long clients go on; default 10
          --nodes N            default 3
          --clients N          default 24
          --seed N             repeats a run's choices (not the moments at which the machine does things); default drawn
          --seeds N            of record: how many runs; default 10
          --folder PATH        where the histories go; default in the temporary folder
          --ahead SECONDS      the last node's clock is so far ahead, by 2 at most (needs libfaketime); default 0
          --disk MEGABYTES     the private server's disk, in memory, which may be filled (needs the right to mount); default that of the folder
          --other PATH         an Inventory.Slices.dll of another version, in which nodes start and between which and this one "update" changes them; default none
          --nuisances SECONDS  how long each kind of nuisance goes on after the load, to see that others do not wait; 0 for none; default 3
          --bystanders YES     yes: listeners of traces and metrics and a log provider in the nodes throw; default no
          --connection STRING  a PostgreSQL server to use, whose database "verification" is made anew; its processes are not killed

        For example:
          dotnet run -c Release --project tests/Inventory.Verification -- run --workload drain --faults kill,lose-committed --operations 5000

        Workloads:
        {string.Join('\n', Workload.All.Select(workload => $"  {workload.Name,-20} {workload.About}"))}

        Faults:
        {string.Join('\n', Fault.All.Select(fault => $"  {fault.Name,-20} {fault.About}{About(fault.Needs)}"))}

        Controls:
        {string.Join('\n', Sabotage.All.Select(sabotage => $"  {sabotage.Name,-20} {sabotage.About}"))}
        """;

    /// <summary>Where the histories go.</summary>
    public string Folder { get; private init; } = "";

    /// <summary>A server to use.</summary>
    public string? Connection => _values.GetValueOrDefault("connection");

    /// <summary>How large a disk of its own the private server gets.</summary>
    public int? DiskMegabytes => _values.ContainsKey("disk") ? Number("disk", 0) : null;

    /// <summary>How many runs.</summary>
    public int Seeds => Number("seeds", 10);

    /// <summary>The workload that was named.</summary>
    public Workload? Workload => _values.TryGetValue("workload", out var name) ? Workload.Find(name) : null;

    private ulong Seed { get; init; }

    /// <summary>A new folder that the account of the database server can enter too.</summary>
    public static string TemporaryFolder() =>
        Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"inventory-verification-{Guid.CreateVersion7():N}")).FullName;

    /// <summary>Reads them; throws what is wrong, in words.</summary>
    public static RunOptions Read(IReadOnlyList<string> arguments)
    {
        var values = new Dictionary<string, string>();
        for (var i = 0; i < arguments.Count; i += 2)
        {
            if (arguments[i] is not ['-', '-', ..] || !Known.Contains(arguments[i][2..]) || i + 1 == arguments.Count)
            {
                throw new ArgumentException($"{arguments[i]} is no option with a value. Known are: --{string.Join(", --", Known)}.");
            }

            values[arguments[i][2..]] = arguments[i + 1];
        }

        var options = new RunOptions
        {
            Seed = values.TryGetValue("seed", out var seed) ? ulong.Parse(seed, CultureInfo.InvariantCulture) : BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)),
            Folder = Path.GetFullPath(values.GetValueOrDefault("folder") ?? TemporaryFolder()),
        };
        foreach (var (name, value) in values)
        {
            options._values.Add(name, value);
        }

        return values.TryGetValue("workload", out var workload) && Workload.Find(workload) is null
            ? throw new ArgumentException($"{workload} is no workload. Known are: {string.Join(", ", Workload.All.Select(known => known.Name))}.")
            : options;
    }

    /// <summary>The plan of one run.</summary>
    /// <param name="number">Which of several, from 0.</param>
    public RunPlan Plan(int number) => new(
        Workload ?? Workload.All[number % Workload.All.Count], Faults(), Number("fault-count", 20), Number("nodes", 3), Number("clients", 24),
        Number("operations", 20_000), Minutes(10), Seed + (ulong)number, Path.Combine(Folder, $"run-{Seed + (ulong)number}"))
    {
        OtherVersion = _values.GetValueOrDefault("other"),
        NuisanceTime = TimeSpan.FromSeconds(_values.GetValueOrDefault("nuisances") == "0" ? 0 : Number("nuisances", 3)),
        BystandersThrow = _values.GetValueOrDefault("bystanders") switch
        {
            null or "no" => false,
            "yes" => true,
            _ => throw new ArgumentException("--bystanders takes yes or no."),
        },
        Ahead = TimeSpan.FromSeconds(_values.ContainsKey("ahead") ? Number("ahead", 0) : 0),
    };

    /// <summary>The plan of a run that is part of a tier.</summary>
    public RunPlan Plan(Share share, int number)
    {
        var options = Read([.. share.Options, "--folder", Folder, "--seed", (Seed + (ulong)number).ToString(CultureInfo.InvariantCulture), .. Connection is { } given ? ["--connection", given] : Array.Empty<string>()]);
        return options.Plan(0);
    }

    private List<Fault> Faults()
    {
        var without = _values.GetValueOrDefault("without")?.Split(',') ?? [];
        var possible = Fault.All.Where(fault => Has(fault.Needs) && !without.Contains(fault.Name)).ToList();
        return _values.GetValueOrDefault("faults") switch
        {
            null or "all" => possible,
            "none" => [],
            var names => [.. names.Split(',').Select(name => possible.Find(fault => fault.Name == name) ?? throw new ArgumentException($"{name} is no fault, or it needs an option that is not there; see --help."))],
        };
    }

    private bool Has(Need need) => need switch
    {
        Need.PrivateServer => Connection is null,
        Need.SmallDisk => Connection is null && DiskMegabytes is not null,
        Need.OtherVersion => _values.ContainsKey("other"),
        _ => true,
    };

    private static string About(Need need) => need switch
    {
        Need.PrivateServer => " (private server only)",
        Need.SmallDisk => " (with --disk only)",
        Need.OtherVersion => " (with --other only)",
        _ => "",
    };

    private double Minutes(double otherwise) => !_values.TryGetValue("minutes", out var value) ? otherwise
        : double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var minutes) && minutes > 0 ? minutes
        : throw new ArgumentException("--minutes takes a number above 0, such as 2.5.");

    private int Number(string name, int otherwise) => !_values.TryGetValue(name, out var value) ? otherwise
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
        : throw new ArgumentException($"--{name} takes a whole number above 0.");
}
