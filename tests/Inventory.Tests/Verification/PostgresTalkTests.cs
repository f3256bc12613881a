using System.Buffers.Binary;
using System.Text;
using Inventory.Verification.Faults;

namespace Inventory.Tests.Verification;

/// <summary>What stands between a node and its database knows where messages begin, and answers in the database's place.</summary>
public sealed class PostgresTalkTests
{
    private static readonly PostgresError Disk = new("53100");
    private static readonly PostgresError NoConnections = new("53300", IsFatal: true, AtStart: true);

    public static TheoryData<int> Pieces => [1, 2, 3, 7, 10_000];

    [Theory]
    [MemberData(nameof(Pieces))]
    public void Without_an_error_everything_is_sent_on(int piece)
    {
        var said = Said(First(80877103), First(196608, "user\0x\0\0"), Message('p', "secret\0"), Message('Q', "BEGIN\0"), Group(), Message('Q', "COMMIT\0"));

        Assert.Equal(said, Sent(new PostgresTalk(), said, piece, _ => null, out var answers));
        Assert.Equal(0, answers);
    }

    [Theory]
    [MemberData(nameof(Pieces))]
    public void A_statement_is_answered_and_what_opens_and_ends_transactions_is_sent_on(int piece)
    {
        var (before, begin, statement, end) = (First(196608, "user\0x\0\0"), Message('Q', "BEGIN\0"), Group(), Message('Q', "ROLLBACK\0"));
        var said = Said(before, begin, statement, statement, end);

        Assert.Equal(Said(before, begin, end), Sent(new PostgresTalk(), said, piece, _ => Disk, out var answers));
        Assert.Equal(2, answers);
    }

    [Fact]
    public void A_statement_that_was_begun_is_ended_as_it_was_begun()
    {
        var (before, statement) = (First(196608, "user\0x\0\0"), Group());
        var said = Said(before, statement, statement, statement);
        var (first, second) = (before.Length + 12, before.Length + statement.Length + 12);

        // The error comes in the middle of the first statement, and goes in the middle of the second.
        Assert.Equal(Said(before, statement, statement), Sent(new PostgresTalk(), said, 1, at => at >= first && at < second ? Disk : null, out var answers));
        Assert.Equal(1, answers);
    }

    [Fact]
    public void A_new_connection_is_answered_and_one_that_is_there_goes_on()
    {
        var (encryption, start, statement) = (First(80877103), First(196608, "user\0x\0\0"), Group());

        Assert.Equal(encryption, Sent(new PostgresTalk(), Said(encryption, start), 10_000, _ => NoConnections, out var answers));
        Assert.Equal(1, answers);
        var talk = new PostgresTalk();
        Sent(talk, start, 10_000, _ => null, out _);
        Assert.Equal(statement, Sent(talk, statement, 10_000, _ => NoConnections, out answers));
        Assert.Equal(0, answers);
    }

    [Theory]
    [MemberData(nameof(Pieces))]
    public async Task It_waits_until_what_was_asked_is_answered_and_knows_whether_a_transaction_is_open(int piece)
    {
        var talk = new PostgresTalk();
        Sent(talk, Said(First(80877103), First(196608, "user\0x\0\0"), Message('Q', "BEGIN\0")), 10_000, _ => null, out _);
        var waiting = talk.IsAnsweredAsync();
        Hear(Said("N"u8.ToArray(), Message('R', "\0\0\0\0"), Message('S', "a\0b\0"), Message('Z', "I")));

        Assert.False(waiting.IsCompleted);
        Assert.False(talk.IsInTransaction);
        Hear(Said(Message('C', "BEGIN\0"), Message('Z', "T")));
        await waiting;
        Assert.True(talk.IsInTransaction);

        void Hear(byte[] heard)
        {
            foreach (var part in heard.Chunk(piece))
            {
                talk.Heard(part);
            }
        }
    }

    [Theory]
    [InlineData("53100", false, true, "E\0\0\0*SERROR\0VERROR\0C53100\0Mput in between\0\0Z\0\0\0\u0005E")]
    [InlineData("53100", false, false, "E\0\0\0*SERROR\0VERROR\0C53100\0Mput in between\0\0Z\0\0\0\u0005I")]
    [InlineData("57P01", true, true, "E\0\0\0*SFATAL\0VFATAL\0C57P01\0Mput in between\0\0")]
    public void An_error_is_told_as_the_protocol_says(string state, bool isFatal, bool inTransaction, string bytes)
    {
        var answer = new PostgresError(state, isFatal).Answer(inTransaction);

        Assert.Equal(bytes[5..], Encoding.Latin1.GetString(answer)[5..]);
        Assert.Equal(Encoding.Latin1.GetString(answer).IndexOf("\0\0Z", StringComparison.Ordinal) is var at && at < 0 ? answer.Length - 1 : at + 1, BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(1)));
    }

    [Fact]
    public void There_are_errors_of_every_class()
    {
        Assert.Equal(["08", "25", "40", "53", "55", "57", "XX"], PostgresError.All.Select(error => error.Class).Distinct().Order(StringComparer.Ordinal));
    }

    private static byte[] Group() => Said(Message('P', "\0select 1\0\0\0"), Message('B', "\0\0\0\0\0\0\0\0"), Message('D', "P\0"), Message('E', "\0\0\0\0\0"), Message('S', ""));

    private static byte[] Sent(PostgresTalk talk, byte[] said, int piece, Func<int, PostgresError?> error, out int answers)
    {
        var sent = new List<byte>();
        answers = 0;
        for (var at = 0; at < said.Length; at += piece)
        {
            foreach (var part in talk.Said(said.AsMemory(at, Math.Min(piece, said.Length - at)), error(at)))
            {
                sent.AddRange(part.Span);
                answers += part.Length == 0 ? 1 : 0;
            }
        }

        return [.. sent];
    }

    private static byte[] Said(params byte[][] parts) => [.. parts.SelectMany(part => part)];

    private static byte[] Message(char letter, string text) => [(byte)letter, .. Number(4 + text.Length), .. Encoding.Latin1.GetBytes(text)];

    private static byte[] First(int number, string text = "") => [.. Number(8 + text.Length), .. Number(number), .. Encoding.Latin1.GetBytes(text)];

    private static byte[] Number(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }
}
