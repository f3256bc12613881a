using Inventory.Conflicts;
using Inventory.Tests.Hosting;
using JasperFx.Events.Projections;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wolverine;
using Wolverine.Marten;

namespace Inventory.Tests.SecondAggregate;

/// <summary>A service that sells tickets, on Wolverine, Marten and the mechanism: what its registration takes is all here.</summary>
public sealed class BoxOffice(DatabaseServer server) : IAsyncLifetime
{
    private readonly string _database = $"test_{Guid.CreateVersion7():N}";
    private IHost? _host;

    public IDocumentStore Store => _host!.Services.GetRequiredService<IDocumentStore>();

    public StagedRace Race { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var connectionString = await server.CreateDatabaseAsync(_database);
        // Without the defaults, which would read the settings of the service that lie beside the tests.
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(connectionString));
        builder.Services
            .AddMarten(options =>
            {
                options.DatabaseSchemaName = "tickets";
                options.Events.MetadataConfig.UserNameEnabled = true;
                options.Events.MetadataConfig.CausationIdEnabled = true;
                options.Events.MetadataConfig.CorrelationIdEnabled = true;
                options.Projections.Add(new ConcertSnapshot(), ProjectionLifecycle.Inline);
                options.UseConflictTables();
                options.ConfigureWritePolly(_ => { });
                options.Listeners.Add(Race);
            })
            .UseNpgsqlDataSource()
            .UseLightweightSessions()
            .IntegrateWithWolverine()
            .ApplyAllDatabaseChangesOnStartup();
        builder.Services.AddConflicts();
        builder.Services.AddConflictsOf<Concert, ConcertAnswers>();
        builder.Services.RunWolverineInSoloMode();
        builder.UseWolverine(options =>
        {
            options.ApplicationAssembly = typeof(BoxOffice).Assembly;
            options.Discovery.DisableConventionalDiscovery().IncludeType(typeof(ConcertHandler));
            options.UseConflictPolicies();
        });
        _host = builder.Build();
        await _host.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            _host.Dispose();
        }

        await server.DropDatabaseAsync(_database);
    }

    public async Task<Outcome<Concert>> SendAsync(
        Guid id, ICommand<Concert> command, Precondition? precondition = null, IdempotencyKey? key = null)
    {
        await using var scope = _host!.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<CommandSender<Concert>>().SendAsync(
            id, command, new CommandContext("clerk", Guid.CreateVersion7(), precondition ?? Precondition.None) { Key = key });
    }

    public async Task<Guid> AnnounceAsync(int seats)
    {
        await using var session = Store.LightweightSession();
        var id = Guid.CreateVersion7();
        session.Events.StartStream<Concert>(id, new ConcertAnnounced("Winterreise", seats));
        await session.SaveChangesAsync();
        Race.Stage();
        return id;
    }

    /// <summary>Appends an event as somebody else would on another node.</summary>
    public async Task AppendAsync(Guid id, object e)
    {
        await using var session = Store.LightweightSession();
        session.LastModifiedBy = StagedRace.Competitor;
        (await session.Events.FetchForWriting<Concert>(id)).AppendOne(e);
        await session.SaveChangesAsync();
    }

    public async Task<(Concert Folded, Concert? Snapshot, IReadOnlyList<long> Versions)> ReadAsync(Guid id)
    {
        await using var session = Store.QuerySession();
        var events = await session.Events.FetchStreamAsync(id);
        return (
            events.Aggregate((Concert?)null, (state, e) => Concert.Fold(state, id, e.Data))!,
            await session.LoadAsync<Concert>(id),
            [.. events.Select(e => e.Version)]);
    }
}
