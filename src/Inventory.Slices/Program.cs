using Inventory.Conflicts;
using Inventory.Slices.Hosting;
using JasperFx;
using Wolverine;
using Wolverine.Http;

var builder = WebApplication.CreateBuilder(args);
var connectionString = builder.Configuration.GetConnectionString("Inventory")!;

builder.Services.AddStore(connectionString);
builder.Services.AddConflicts();
builder.Services.AddHttpContextAccessor();
builder.Services.AddScoped<ProductAddresses>();
builder.Services.AddScoped<CommandRequest>();
builder.Services.AddExceptionHandler<Failures>();
builder.Services.AddWolverineHttp();
builder.Host.UseWolverine(options => MessagingSetup.Configure(options, builder.Environment));
builder.WebHost.ConfigureKestrel(kestrel => Listening.Configure(kestrel, builder.Configuration));

var app = builder.Build();
app.UseExceptionHandler(_ => { });
app.UseStatusCodePages(context => Problem.ForEmptyAnswerAsync(context.HttpContext));
app.MapWolverineEndpoints();
if (args is [var verb, ..] && !verb.StartsWith('-'))
{
    return await app.RunJasperFxCommands(args);
}

await app.RunAsync();
return 0;
