using System.Buffers.Binary;
using System.Text;

namespace Inventory.Verification.Faults;

/// <summary>
/// An error that a database answers with, and the bytes of it (PostgreSQL, Frontend/Backend Protocol, version 3).
/// </summary>
/// <param name="State">Its SQLSTATE.</param>
/// <param name="IsFatal">Whether the connection ends with it.</param>
/// <param name="AtStart">Whether it is what a new connection gets; else a statement gets it.</param>
internal sealed record PostgresError(string State, bool IsFatal = false, bool AtStart = false)
{
    /// <summary>One or more of each class that a command can meet after its commit was lost.</summary>
    public static IReadOnlyList<PostgresError> All { get; } =
    [
        new("08006", IsFatal: true), new("25006"), new("40001"), new("53100"), new("55P03"), new("57014"), new("XX000"),
        new("08P01"), new("25P02"), new("40P01"), new("53300", IsFatal: true, AtStart: true), new("55006"), new("57P01", IsFatal: true),
        new("XX001"), new("53200"), new("57P03", IsFatal: true, AtStart: true),
    ];

    /// <summary>The class: the first two characters.</summary>
    public string Class => State[..2];

    /// <summary>The answer to a statement; after it the connection is ready again, unless it ends.</summary>
    /// <param name="inTransaction">Whether a transaction is open, which has failed by this.</param>
    public byte[] Answer(bool inTransaction) =>
        IsFatal ? Message() : [.. Message(), (byte)'Z', 0, 0, 0, 5, (byte)(inTransaction ? 'E' : 'I')];

    private byte[] Message()
    {
        var severity = IsFatal ? "FATAL" : "ERROR";
        var fields = Encoding.ASCII.GetBytes($"S{severity}\0V{severity}\0C{State}\0Mput in between\0\0");
        var message = new byte[5 + fields.Length];
        message[0] = (byte)'E';
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), 4 + fields.Length);
        fields.CopyTo(message, 5);
        return message;
    }
}
