using Inventory.Conflicts;
using Inventory.Slices.Products;

namespace Inventory.Tests.Conflicts;

/// <summary>A stream that another node writes to goes under row locks for a while, and back.</summary>
public sealed class StreamCareTests
{
    private static readonly TimeSpan Lasts = TimeSpan.FromSeconds(1);

    private readonly HandSetClock _clock = new();
    private readonly StreamCare<Product> _care;
    private readonly Guid _stream = Guid.CreateVersion7();

    public StreamCareTests() => _care = new StreamCare<Product>(Lasts, _clock);

    [Fact]
    public void A_stream_goes_freely_until_somebody_else_is_found_writing_to_it()
    {
        Assert.False(_care.IsExclusive(_stream));

        _care.Contended(_stream);

        Assert.True(_care.IsExclusive(_stream));
        Assert.False(_care.IsExclusive(Guid.CreateVersion7()));
        Assert.False(_care.GoesAlone(_stream));
    }

    [Fact]
    public void It_goes_freely_again_when_nobody_else_has_written_for_a_while()
    {
        _care.Contended(_stream);
        _care.Committed(Committed(loaded: 7, left: 9));
        _clock.Advance(Lasts / 2);
        _care.Committed(Committed(loaded: 9, left: 10)); // As it was left: nobody came in between.
        _clock.Advance(Lasts / 2);

        Assert.False(_care.IsExclusive(_stream));
    }

    [Fact]
    public void The_while_begins_anew_when_somebody_else_has_written_in_between()
    {
        _care.Contended(_stream);
        _care.Committed(Committed(loaded: 7, left: 9));
        _clock.Advance(Lasts / 2);
        _care.Committed(Committed(loaded: 11, left: 12)); // Two versions are not ours.
        _clock.Advance(Lasts / 2);

        Assert.True(_care.IsExclusive(_stream));
    }

    [Fact]
    public void A_stream_that_could_not_be_decided_goes_alone_until_it_could()
    {
        _care.Failed(_stream);
        Assert.True(_care.GoesAlone(_stream));

        _care.Committed(Committed(loaded: 1, left: 2));

        Assert.False(_care.GoesAlone(_stream));
    }

    [Fact]
    public void A_stream_without_care_needs_none_after_a_commit()
    {
        _care.Committed(Committed(loaded: 1, left: 2));

        Assert.False(_care.IsExclusive(_stream));
    }

    [Fact]
    public void Streams_that_nobody_asks_for_again_are_forgotten_all_the_same()
    {
        for (var stream = 0; stream < 1_000; stream++)
        {
            _care.Contended(Guid.CreateVersion7());
            _care.Failed(Guid.CreateVersion7());
        }

        Assert.Equal(2_000, _care.Count);
        _clock.Advance(TimeSpan.FromDays(30));
        _care.Contended(_stream);

        Assert.Equal(1, _care.Count);
    }

    private Fold<Product> Committed(long loaded, long left)
    {
        var fold = new Fold<Product>(_stream, [], 0) { LeftAtVersion = left };
        fold.Loaded(loaded);
        return fold;
    }

    private sealed class HandSetClock : TimeProvider
    {
        private long _now = 1;

        public override long GetTimestamp() => _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _now += time.Ticks;
    }
}
