using System.Diagnostics.CodeAnalysis;
using Inventory.Bystanders;

/// <summary>
/// What .NET calls in a process before its own program, when <c>DOTNET_STARTUP_HOOKS</c> names this assembly. The name and the
/// missing namespace are the runtime's demand.
/// </summary>
[SuppressMessage("Design", "CA1050", Justification = "The runtime looks for it outside of all namespaces.")]
internal static class StartupHook
{
    private const string FolderVariable = "INVENTORY_BYSTANDERS";

    /// <summary>Begins to watch the process, and to disturb it when it is told to.</summary>
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder)
        {
            var thrower = new Thrower(Path.Combine(folder, "throw"));
            thrower.Listen();
            LogProviders.Add(thrower);
            new Levels(Path.Combine(folder, $"levels-{Environment.ProcessId}.json"), thrower).Start();
        }
    }
}
