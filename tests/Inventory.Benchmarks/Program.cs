using Inventory.Benchmarks;
using Inventory.Benchmarks.Load;
using Inventory.Benchmarks.Peers;

switch (args)
{
    case ["load"]:
        await LoadGenerator.RunVerbAsync();
        return 0;
    case ["host", ..]:
        await PeerHost.RunVerbAsync(args);
        return 0;
    case ["--help" or "-h" or "help"]:
        Console.WriteLine(BenchmarkOptions.Help);
        return 0;
    default:
        return BenchmarkOptions.Read(args) is { } options ? await new BenchmarkRun(options).RunAsync() : 2;
}
