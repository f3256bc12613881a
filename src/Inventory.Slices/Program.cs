using Inventory.Conflicts;
using Inventory.Slices.Catalog;
using Inventory.Slices.Cli;
using Inventory.Slices.Hosting;
using Inventory.Slices.Insight;
using Inventory.Slices.Integration;
using Inventory.Slices.Products;
using Inventory.Slices.Reservations;
using Inventory.Slices.Stock;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Wolverine;
using Wolverine.Http;

try
{
    ProgramOutput.Reserve(args);
    var builder = WebApplication.CreateBuilder(args);
    await using var database = await Database.OpenAsync(builder.Configuration, builder.Environment, args);
    await SafeCommits.RequireAsync(database, builder.Environment);
    var clock = await SameClock.RequireAsync(database);

    builder.Services.AddSingleton(clock);
    builder.Services.AddStore(database);
    builder.Services.AddConflicts();
    builder.Services.AddProductListing();
    builder.Services.AddMovements();
    builder.Services.AddReservations();
    builder.Services.AddIntegration();
    builder.Services.AddMessageCare();
    builder.Services.AddConflictsOf<Product, ProductAnswers>();
    builder.Services.AddConflictsOfMany<Product, OrderAnswers>();
    builder.Services.AddHttpContextAccessor();
    builder.Services.AddScoped<ProductAddresses>();
    builder.Services.AddSingleton<ProductReads>();
    builder.Services.AddSingleton<DatabaseReads>();
    builder.Services.AddSingleton<Exports>();
    builder.Services.AddProjectedReads();
    builder.Services.AddLiveUpdates();
    builder.Services.AddHealth();
    builder.Services.AddTelemetry(builder.Configuration);
    builder.Services.AddImports();
    builder.Services.AddSingleton<ProductPast>();
    builder.Services.AddScoped<CommandRequest>();
    builder.Services.AddAccess(builder.Configuration);
    builder.Services.AddRateLimits(builder.Configuration);
    builder.Services.AddExceptionHandler<Failures>();
    builder.Services.AddWolverineHttp();
    builder.Services.AddApiReference();
    builder.Host.UseWolverine(options => MessagingSetup.Configure(options, builder.Environment, builder.Configuration));
    Listening.UseDefaultAddress(builder);
    builder.WebHost.ConfigureKestrel(kestrel => Listening.Configure(kestrel, builder.Configuration));
    builder.Services.Configure<SocketTransportOptions>(Listening.Configure);
    if (Verbs.Names(args))
    {
        Verbs.Configure(builder);
    }

    await using var app = builder.Build();
    app.UseUnreadBodies();
    app.UseExceptionHandler(_ => { });
    app.UseOwnHost();
    app.UseHeadRequests();
    app.UseWebPage();
    app.UseRouting();
    app.UseStatusCodePages(context => Problem.ForEmptyAnswerAsync(context.HttpContext));
    app.UseAccess();
    app.UseRateLimiter();
    app.MapWolverineEndpoints();
    app.MapApiReference();

    if (Verbs.Names(args))
    {
        return await Verbs.RunAsync(app, args);
    }

    await app.RunAsync();
    return 0;
}
catch (Exception e) when (StartRefusedException.Explain(e) is { } explanation)
{
    await Console.Error.WriteLineAsync(explanation);
    return 1;
}
