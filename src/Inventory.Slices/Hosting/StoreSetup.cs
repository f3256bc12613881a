using Inventory.Conflicts;
using Inventory.Slices.Products;
using JasperFx;
using JasperFx.Events.Projections;
using Marten;
using Npgsql;
using Weasel.Core;
using Wolverine.Marten;

namespace Inventory.Slices.Hosting;

/// <summary>Sets up the event store and its documents.</summary>
public static class StoreSetup
{
    /// <summary>The schema of events, snapshots and projections.</summary>
    public const string StoreSchema = "inventory";

    /// <summary>The schema of Wolverine's inbox, outbox and nodes.</summary>
    public const string MessagesSchema = "messages";

    private static readonly TimeSpan OpeningMax = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan ProjectionsLookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Registers Marten on one connection pool, and Wolverine's message storage with it.</summary>
    public static IServiceCollection AddStore(this IServiceCollection services, Database database)
    {
        services.AddSingleton(provider => Connect(database.ConnectionString, provider.GetRequiredService<DatabaseHistory>()));
        services.AddSingleton(database);
        // What is appended past the mechanism's own clock, such as by a handler's session, has the same time.
        services.ConfigureMarten((provider, options) => options.Events.TimeProvider = provider.GetRequiredService<TimeProvider>());
        var store = services.AddMarten(Configure)
            .UseNpgsqlDataSource()
            // Sessions without an identity map: decisions are pure, so nothing tracks what they loaded.
            .UseLightweightSessions()
            .IntegrateWithWolverine(integration =>
            {
                integration.MessageStorageSchemaName = MessagesSchema;
                // The nodes share the asynchronous projections among them; those of a node that is gone run on another.
                integration.UseWolverineManagedEventSubscriptionDistribution = true;
            });
        if (database.IsThere)
        {
            // Tables are made before the first request, by one node at a time: two nodes whose first requests made them at
            // once would fail each other.
            store.ApplyAllDatabaseChangesOnStartup();
        }

        return services;
    }

    /// <summary>
    /// A connection string with the time limits that it leaves at Npgsql's defaults set for this service. Opening a connection takes 4 s
    /// at most: a server that stands still takes connections and says nothing, and the driver waits as long again before it gives a
    /// statement up that has timed out, because it asks for its cancellation over such a connection. A statement takes 30 s at most (the
    /// default), because what makes tables and indexes at a start is one too; whoever is waited for by a caller has limits of its own
    /// (<see cref="DatabaseWait"/>).
    /// </summary>
    internal static string WithTimeLimits(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (settings.Timeout == new NpgsqlConnectionStringBuilder().Timeout)
        {
            settings.Timeout = (int)OpeningMax.TotalSeconds;
        }

        return settings.ConnectionString;
    }

    /// <summary>The connection pool, with what the connection string leaves open set for this service.</summary>
    private static NpgsqlDataSource Connect(string connectionString, DatabaseHistory history)
    {
        var settings = new NpgsqlConnectionStringBuilder(WithTimeLimits(connectionString));
        if (settings.MaxAutoPrepare == 0)
        {
            // The same few statements over and over: without it, PostgreSQL parses and plans them each time.
            settings.MaxAutoPrepare = 100;
            settings.AutoPrepareMinUsages = 2;
            // Nothing here leaves anything behind in a session, and undoing nothing before each use costs more than a commit.
            settings.NoResetOnClose = true;
        }

        // Whoever waits longer than this for a row that somebody else holds is told so, and tries again on its own.
        // And what is searched for is found with one or two letters wrong; the default finds one wrong letter in a long word.
        settings.Options ??= "-c lock_timeout=2000 -c pg_trgm.word_similarity_threshold=0.4";
        // The pool's name in metrics and spans; by default it is the connection string.
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = MessagingSetup.ServiceName };
        history.Watch(builder);
        return builder.Build();
    }

    private static void Configure(StoreOptions options)
    {
        // Without names all tables land in "public", among those of whoever else uses the database.
        options.DatabaseSchemaName = StoreSchema;
        options.Events.DatabaseSchemaName = StoreSchema;
        options.UseSystemTextJsonForSerialization(EnumStorage.AsString, Casing.CamelCase);

        // A stream says what it is a stream of: an append to an id that was never started is refused, not begun by accident.
        options.Events.UseMandatoryStreamTypeDeclaration = true;
        // The version check locks the stream's row first. Without it the loser of a race has already drawn a sequence
        // number when it finds out; the gap it leaves stalls the asynchronous projections for seconds.
        options.Events.UseExclusiveLockOnConcurrentAppends = true;
        // Sequences and versions beyond 2,147,483,647; changing this later would rewrite every table.
        options.Events.EnableBigIntEvents = true;
        // Projections look for new events ten times a second. Having PostgreSQL tell them of each append would be sooner, but transactions
        // that notify commit one after the other, and every one of them would have the projections run.
        options.Projections.FastPollingTime = ProjectionsLookEvery;
        options.Projections.SlowPollingTime = ProjectionsLookEvery;
        // The default append mode stays (quick, with the server's clock): the other one leaves gaps on every lost race.
        // Commits are not repeated below the policies, which decide again on what they find. The default repeats one that waited too
        // long for a row three times, and whoever stands behind it in line waits for all of them.
        options.ConfigureWritePolly(_ => { });

        // History names who did it, by which command, and in which request.
        options.Events.MetadataConfig.UserNameEnabled = true;
        options.Events.MetadataConfig.CausationIdEnabled = true;
        options.Events.MetadataConfig.CorrelationIdEnabled = true;

        foreach (var eventType in ProductEventTypes.All)
        {
            options.Events.AddEventType(eventType);
        }

        options.UseConflictTables();

        // What follows from an event is sent by the transaction that stores it.
        options.Events.EnableSideEffectsOnInlineProjections = true;

        // The snapshot is written in the transaction of the events, so loading a product costs the same however long
        // its stream is.
        options.Projections.Add(new ProductSnapshot(), ProjectionLifecycle.Inline);
        options.Storage.ExtendedSchemaObjects.Add(new CheckpointTable(StoreSchema));
        // In a column of its own: an index on an expression over the document would make every change of stock a change of
        // that index too, and leave a dead entry in it (PostgreSQL's heap-only tuples).
        options.Schema.For<Product>().UniqueIndex(Marten.Schema.UniqueIndexType.DuplicatedField, "product_sku_unique", p => p.SkuKey);

        // A projection that lies is worse than one that stops: never skip what cannot be applied or read.
        options.Projections.Errors.SkipApplyErrors = false;
        options.Projections.Errors.SkipSerializationErrors = false;
        options.Projections.Errors.SkipUnknownEvents = false;
        options.Projections.RebuildErrors.SkipApplyErrors = false;
        options.Projections.RebuildErrors.SkipSerializationErrors = false;
        options.Projections.RebuildErrors.SkipUnknownEvents = false;

        options.AutoCreateSchemaObjects = AutoCreate.CreateOrUpdate;
    }
}
