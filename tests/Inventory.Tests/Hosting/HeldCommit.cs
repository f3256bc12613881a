using Inventory.Conflicts;
using Inventory.Slices.Products;
using Microsoft.Extensions.DependencyInjection;

namespace Inventory.Tests.Hosting;

/// <summary>Has commands wait for certain, so that it is known which of them are folded into one commit.</summary>
internal static class HeldCommit
{
    /// <summary>Sends the first command, holds its commit until the others wait in line, and lets it go.</summary>
    /// <param name="service">A service with one lane.</param>
    /// <param name="competitors">What somebody else does before each commit; the first belongs to the one that is held.</param>
    /// <param name="commands">The commands.</param>
    public static async Task<HttpAnswer[]> WhileAsync(Service service, Func<Task>[] competitors, params Func<Task<HttpAnswer>>[] commands)
    {
        var entered = new TaskCompletionSource();
        var letGo = new TaskCompletionSource();
        service.Race.Stage([HoldAsync, .. competitors.Skip(1)]);
        var answering = new List<Task<HttpAnswer>> { commands[0]() };
        await entered.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        var combiner = service.Host.Services.GetRequiredService<Combiner<Product>>();
        foreach (var command in commands.Skip(1))
        {
            // One after the other, so that their order in line is known.
            var before = combiner.Waiting;
            var answer = command();
            answering.Add(answer);
            while (combiner.Waiting == before && !answer.IsCompleted)
            {
                await Task.Delay(1, TestContext.Current.CancellationToken);
            }
        }

        letGo.SetResult();
        return await Task.WhenAll(answering);

        async Task HoldAsync()
        {
            entered.SetResult();
            await competitors[0]();
            await letGo.Task;
        }
    }
}
