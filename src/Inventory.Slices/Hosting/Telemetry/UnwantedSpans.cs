using System.Diagnostics;
using OpenTelemetry;

namespace Inventory.Slices.Hosting;

/// <summary>Leaves out of the traces what tells nothing, and what should not be told.</summary>
internal sealed class UnwantedSpans : BaseProcessor<Activity>
{
    /// <summary>Marten looks for new events many times a second, and fetches those that it finds.</summary>
    private static readonly string[] Looking = [".daemon.highwatermark", ".page.loading"];

    public override void OnStart(Activity data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var isUnwanted = data.Source.Name switch
        {
            // What nobody waits for: the service asks the database many times a second whether there is anything to do.
            "Npgsql" => data.ParentSpanId == default,
            "Marten" => Array.Exists(Looking, looking => data.OperationName.EndsWith(looking, StringComparison.Ordinal)),
            _ => false,
        };
        if (isUnwanted)
        {
            // Neither this is sent, nor what happens inside.
            data.IsAllDataRequested = false;
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }

    public override void OnEnd(Activity data)
    {
        ArgumentNullException.ThrowIfNull(data);
        // Some receivers of webhooks have their secret in the path of their address.
        if (data.GetTagItem("url.full") is string url && Uri.TryCreate(url, UriKind.Absolute, out var address))
        {
            data.SetTag("url.full", address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped));
        }
    }
}
