using Inventory.Conflicts;
using Microsoft.Extensions.Options;

namespace Inventory.Tests.Conflicts;

public sealed class StreamGateTests
{
    private static readonly Guid Stream = Guid.CreateVersion7();

    [Fact]
    public async Task One_goes_after_the_other()
    {
        var gate = Gate();
        var first = await gate.EnterAsync(Stream);
        var second = gate.EnterAsync(Stream);
        Assert.False(second.IsCompleted);

        first!.Dispose();

        Assert.NotNull(await second);
    }

    [Fact]
    public async Task Other_streams_have_lines_of_their_own()
    {
        var gate = Gate();
        using var first = await gate.EnterAsync(Stream);

        Assert.NotNull(await gate.EnterAsync(Guid.CreateVersion7()));
    }

    [Fact]
    public async Task A_full_line_turns_the_next_one_away_at_once_and_takes_another_after_somebody_left()
    {
        var gate = Gate(waitingMax: 1);
        var inside = await gate.EnterAsync(Stream);
        var waiting = gate.EnterAsync(Stream);

        Assert.Null(await gate.EnterAsync(Stream));

        inside!.Dispose();
        using var next = await waiting;
        var later = gate.EnterAsync(Stream);
        next!.Dispose();
        Assert.NotNull(await later);
    }

    [Fact]
    public async Task Who_has_waited_too_long_leaves_the_line_as_it_was()
    {
        var gate = Gate(waitMax: TimeSpan.FromMilliseconds(20));
        var inside = await gate.EnterAsync(Stream);

        Assert.Null(await gate.EnterAsync(Stream));

        inside!.Dispose();
        Assert.NotNull(await gate.EnterAsync(Stream));
    }

    private static StreamGate Gate(int waitingMax = 10, TimeSpan? waitMax = null) => new(
        Options.Create(new ConflictOptions { WaitingPerStreamMax = waitingMax, WaitMax = waitMax ?? TimeSpan.FromMinutes(1) }),
        TimeProvider.System);
}
