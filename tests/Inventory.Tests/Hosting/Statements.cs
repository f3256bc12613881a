using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Inventory.Tests.Hosting;

/// <summary>The statements that a service sends to its database, from now on.</summary>
internal sealed class Statements : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<string> _all = [];

    public Statements(Service service)
    {
        var source = service.Host.Services.GetRequiredService<NpgsqlDataSource>();
        var database = new NpgsqlConnectionStringBuilder(source.ConnectionString).Database!;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                // Other services of the test run send theirs meanwhile.
                if (activity.TagObjects.Any(tag => tag.Value is string value && value == database))
                {
                    _all.Enqueue(string.Join('\n', activity.TagObjects.Select(tag => tag.Value)));
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>How many of them have a word in them.</summary>
    public int With(string word) => _all.Count(statement => statement.Contains(word, StringComparison.Ordinal));

    public void Dispose() => _listener.Dispose();
}
