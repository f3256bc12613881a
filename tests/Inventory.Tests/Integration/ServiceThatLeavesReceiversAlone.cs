using System.Globalization;
using Inventory.Tests.Hosting;
using Microsoft.AspNetCore.Hosting;

namespace Inventory.Tests.Integration;

/// <summary>A service with two receivers that soon leaves one alone which fails, and soon tries it again.</summary>
public sealed class ServiceThatLeavesReceiversAlone(DatabaseServer server) : ServiceWithTwoReceivers(server)
{
    protected override void Configure(IWebHostBuilder builder)
    {
        base.Configure(builder);
        builder.UseSetting("Webhooks:PauseMin", "00:00:02");
        builder.UseSetting("Webhooks:PauseMax", "00:00:02");
        for (var n = 0; n < 20; n++)
        {
            builder.UseSetting(string.Create(CultureInfo.InvariantCulture, $"Webhooks:RetryDelays:{n}"), "00:00:00.01");
        }
    }
}
