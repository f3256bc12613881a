using System.Diagnostics.CodeAnalysis;
using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using Marten;
using Npgsql;

namespace Inventory.Slices.Stock;

/// <summary>The imports of this node.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody takes holds nothing to free.")]
public sealed partial class Imports(
    IServiceProvider services, NpgsqlDataSource database, Admission admission, IHostApplicationLifetime lifetime, TimeProvider clock,
    ILogger<Imports> logger)
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(ImportLimits.ImportWaitSecondsMax);

    private readonly ImportLedger _ledger = new(database);
    private readonly SemaphoreSlim _uploads = new(ImportLimits.UploadsAtOnceMax, ImportLimits.UploadsAtOnceMax);

    /// <summary>Takes room to receive a file, until what is returned is disposed; null when there is none.</summary>
    internal IDisposable? TryReceive() => _uploads.Wait(0) ? new Room(_uploads) : null;

    /// <summary>Waits for room to carry a file out that has come, until what is returned is disposed; null when there is none.</summary>
    internal ValueTask<AdmissionLease?> EnterAsync(CancellationToken cancellation) => admission.EnterAsync(Work.Import, WaitMax, cancellation);

    /// <summary>Shows an import; null when there is none.</summary>
    internal Task<ImportView?> FindAsync(Guid id, CancellationToken cancellation) => _ledger.FindAsync(id, cancellation);

    /// <summary>
    /// Begins to carry out a file that was checked, or goes on with it. The inner task ends with it: with null when it is done, else
    /// with why it was broken off; it goes on also when nobody waits for it. Null when another run is at it.
    /// </summary>
    /// <param name="actor">Who sends it.</param>
    /// <param name="file">The file. It is disposed at the end.</param>
    /// <param name="lines">How many lines it has.</param>
    /// <param name="progress">Is told how many more lines have ended.</param>
    /// <param name="cancellation">Stops the beginning.</param>
    internal async Task<Task<string?>?> BeginAsync(string actor, ImportFile file, int lines, Action<int> progress, CancellationToken cancellation)
    {
        var claim = await DatabaseWait.WithinAsync(
            DatabaseReads.AnswerMax, clock, ct => _ledger.ClaimAsync(actor, file, lines, ct), cancellation,
            late => _ = late?.DisposeAsync().AsTask());
        return claim is null ? null : RunAsync(claim, new ImportRun(services, actor, file), progress);
    }

    private async Task<string?> RunAsync(ImportLedger.ImportClaim claim, ImportRun run, Action<int> progress)
    {
        await using (claim)
        {
            try
            {
                await run.RunAsync(claim, progress, lifetime.ApplicationStopping);
                return null;
            }
            catch (ImportBrokenOffException e)
            {
                LogBrokenOff(logger, e.Message);
                return e.Message;
            }
#pragma warning disable CA1031 // It is logged, and told to whoever waits: nobody else would.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogFailed(logger, e);
                return DatabaseFailure.Is(e) ? "The database could not be reached." : "The service failed.";
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An import was broken off: {Reason}")]
    private static partial void LogBrokenOff(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "An import failed")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    private sealed class Room(SemaphoreSlim room) : IDisposable
    {
        private SemaphoreSlim? _room = room;

        // It is given back early, and again when the request ends.
        public void Dispose() => Interlocked.Exchange(ref _room, null)?.Release();
    }
}

/// <summary>Adds imports to the service.</summary>
public static class ImportsRegistration
{
    /// <summary>Registers what imports need, and adds their tables to the store's own.</summary>
    public static IServiceCollection AddImports(this IServiceCollection services)
    {
        services.AddSingleton<Imports>();
        services.ConfigureMarten(options =>
        {
            options.Storage.ExtendedSchemaObjects.Add(new ImportTable(StoreSetup.StoreSchema));
            options.Storage.ExtendedSchemaObjects.Add(new ImportRefusalTable(StoreSetup.StoreSchema));
        });
        return services;
    }
}
