using System.Diagnostics;

namespace Inventory.Tests.Hosting;

/// <summary>Everybody may ask how the service is, so asking costs little.</summary>
public sealed class HealthForMany(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task However_many_ask_the_checks_are_made_once_a_second()
    {
        await service.GetAsync("/health/ready");
        using var statements = new Statements(service);
        var began = Stopwatch.GetTimestamp();
        do
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => service.GetAsync("/health/ready")));
        }
        while (statements.With("clock_timestamp()") == 0 || Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(2));

        // One of them asks the clock, on its own.
        var rounds = statements.With("select clock_timestamp()");
        Assert.InRange(rounds, 1, 2 + (int)Stopwatch.GetElapsedTime(began).TotalSeconds);
    }
}
