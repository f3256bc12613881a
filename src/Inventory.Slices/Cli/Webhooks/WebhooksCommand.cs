using Inventory.Slices.Integration;
using JasperFx;
using JasperFx.CommandLine;
using Spectre.Console;
using Wolverine.Persistence.Durability;
using Wolverine.Persistence.Durability.DeadLetterManagement;

namespace Inventory.Slices.Cli.Webhooks;

/// <summary>What <c>webhooks</c> does.</summary>
public enum WebhooksAction
{
    /// <summary>Lists what could not be delivered.</summary>
    list,

    /// <summary>Has it delivered again.</summary>
    replay,
}

/// <summary>What <c>webhooks</c> takes.</summary>
public sealed class WebhooksInput : NetCoreInput
{
    [Description("list shows the deliveries that were given up, replay has them delivered again by the running service")]
    public WebhooksAction Action { get; set; }

    [Description("Only the delivery of this id, as list shows it. Default is all of them")]
    public Guid? IdFlag { get; set; }

    [Description("Print the result as JSON; everything else goes to the standard error output")]
    public bool JsonFlag { get; set; }
}

/// <summary>The verb that looks after deliveries that were given up. It works beside the running service.</summary>
[Description("List the webhook deliveries that were given up, or have them delivered again", Name = "webhooks")]
public sealed class WebhooksCommand : JasperFxAsyncCommand<WebhooksInput>
{
    private const int ListedMax = 100;

    /// <summary>Describes its use.</summary>
    public WebhooksCommand() => Usage("List or replay").Arguments(x => x.Action);

    /// <inheritdoc/>
    public override async Task<bool> Execute(WebhooksInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var host = input.BuildHost();
        await host.StartAsync();
        var letters = host.Services.GetRequiredService<IMessageStore>().DeadLetters;
        var given = await letters.QueryAsync(Query(input), CancellationToken.None);
        if (input.JsonFlag)
        {
            await ProgramOutput.WriteAsync(new { Total = given.TotalCount, Deliveries = given.Envelopes.Select(letter => new { letter.Id, GivenUpAt = letter.SentAt, Why = letter.ExceptionMessage }) });
        }

        if (given.Envelopes.Count == 0)
        {
            AnsiConsole.WriteLine("No delivery was given up.");
        }
        else if (input.Action == WebhooksAction.replay)
        {
            await letters.ReplayAsync(Query(input), CancellationToken.None);
            AnsiConsole.WriteLine($"{given.TotalCount} deliveries will be made again by the running service.");
        }
        else
        {
            Show(given);
        }

        await host.StopAsync();
        return true;
    }

    private static DeadLetterEnvelopeQuery Query(WebhooksInput input) => new()
    {
        MessageIds = input.IdFlag is { } id ? [id] : [],
        MessageType = DeliverWebhook.MessageType,
        Replayable = false,
        PageSize = ListedMax,
    };

    private static void Show(DeadLetterEnvelopeResults given)
    {
        var table = new Table().AddColumns("id", "given up at", "why");
        foreach (var letter in given.Envelopes)
        {
            table.AddRow(letter.Id.ToString(), letter.SentAt.ToString("u", System.Globalization.CultureInfo.InvariantCulture), Markup.Escape(letter.ExceptionMessage ?? ""));
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"{given.TotalCount} in all. “webhooks replay” has them delivered again, “webhooks replay --id …” one of them.");
    }
}
