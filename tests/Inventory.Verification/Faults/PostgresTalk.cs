using System.Buffers.Binary;
using System.Diagnostics;

namespace Inventory.Verification.Faults;

/// <summary>
/// Follows what a client and a database server say over one connection (PostgreSQL, Frontend/Backend Protocol, version 3), far
/// enough to answer in the server's place: where messages begin, what is still to be answered, whether a transaction is open.
/// </summary>
internal sealed class PostgresTalk
{
    private const int EncryptionRequest = 80877103;
    private const int GssEncryptionRequest = 80877104;

    // A message is a letter, its length, and the rest. The first ones of a client have no letter, but a number after the length.
    private const int HeaderBytes = 5;
    private const int FirstHeaderBytes = 8;

    private static readonly TimeSpan UntilAnswered = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Side _client = new();
    private readonly Side _server = new();
    private bool _hasBegun;
    private bool _isInGroup;
    private bool _drops;
    private int _asked;
    private int _answered;
    private byte _status = (byte)'I';

    // The server answers a question about encryption with one byte, which is no message.
    private int _single;

    /// <summary>Whether the server has a transaction open.</summary>
    public bool IsInTransaction
    {
        get
        {
            lock (_lock)
            {
                return _status != (byte)'I';
            }
        }
    }

    /// <summary>
    /// Takes what the client says. Gives what is to be sent on, in order, with nothing (an empty part) wherever the server does
    /// not hear what was said, and an answer is due.
    /// </summary>
    /// <param name="said">What it says.</param>
    /// <param name="error">
    /// What statements are answered with, or new connections. What opens and ends transactions always reaches the server.
    /// </param>
    public IReadOnlyList<ReadOnlyMemory<byte>> Said(ReadOnlyMemory<byte> said, PostgresError? error)
    {
        lock (_lock)
        {
            var parts = new List<ReadOnlyMemory<byte>>();
            var (from, at, began) = (0, 0, 0);
            while (at < said.Length)
            {
                if (_client.IsAtStart)
                {
                    began = at;
                    if (!_drops && _hasBegun && !_isInGroup && error is { AtStart: false } && IsExtended(said.Span[at]))
                    {
                        SendOn(began);
                        _drops = true;
                    }
                }

                var wasHeader = !_client.HasHeader;
                at += _client.Take(said.Span[at..], _hasBegun ? HeaderBytes : FirstHeaderBytes);
                if (wasHeader && _client.HasHeader && !_hasBegun && !IsAboutEncryption && error is { AtStart: true })
                {
                    SendOn(began);
                    _drops = true;
                }

                if (_client.IsWhole)
                {
                    Spoken(at);
                }
            }

            if (!_drops)
            {
                SendOn(said.Length);
            }

            return parts;

            void SendOn(int until)
            {
                if (until > from)
                {
                    parts.Add(said[from..until]);
                    from = until;
                }
            }

            void Spoken(int until)
            {
                var asks = !_hasBegun || _client.Letter is (byte)'S' or (byte)'Q';
                if (_drops)
                {
                    from = until;
                    if (asks)
                    {
                        _drops = false;
                        parts.Add(ReadOnlyMemory<byte>.Empty);
                    }
                }
                else if (!_hasBegun && IsAboutEncryption)
                {
                    _single++;
                    asks = false;
                }
                else
                {
                    _asked += asks ? 1 : 0;
                    _isInGroup = _hasBegun && IsExtended(_client.Letter) && !asks;
                    _hasBegun = true;
                }

                _client.Next();
            }
        }
    }

    /// <summary>Takes what the server says.</summary>
    public void Heard(ReadOnlySpan<byte> heard)
    {
        lock (_lock)
        {
            while (heard.Length > 0)
            {
                if (_single > 0)
                {
                    _single--;
                    heard = heard[1..];
                    continue;
                }

                var taken = _server.Take(heard, HeaderBytes);
                if (_server.IsWhole)
                {
                    if (_server.Letter == (byte)'Z')
                    {
                        _answered++;
                        _status = heard[taken - 1];
                    }

                    _server.Next();
                }

                heard = heard[taken..];
            }
        }
    }

    /// <summary>Waits until the server has answered everything that it was sent.</summary>
    public async Task IsAnsweredAsync()
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < UntilAnswered; await Task.Delay(1))
        {
            lock (_lock)
            {
                if (_answered >= _asked)
                {
                    return;
                }
            }
        }
    }

    private bool IsAboutEncryption => _client.Number is EncryptionRequest or GssEncryptionRequest;

    /// <summary>Whether a message belongs to the extended query: parse, bind, describe, execute, close, flush, sync.</summary>
    private static bool IsExtended(byte letter) => "PBDECHS"u8.Contains(letter);

    /// <summary>One direction, message by message.</summary>
    private sealed class Side
    {
        private readonly byte[] _header = new byte[FirstHeaderBytes];
        private int _headerLength;
        private int _headerTaken;
        private int _left;

        public byte Letter => _header[0];

        /// <summary>What stands behind the length of a first message.</summary>
        public int Number => BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(4));

        public bool IsAtStart => _headerTaken == 0;

        public bool HasHeader => _headerTaken > 0 && _headerTaken == _headerLength;

        public bool IsWhole => HasHeader && _left == 0;

        /// <summary>Takes the header, or as much of the rest as is there; says how many bytes that were.</summary>
        public int Take(ReadOnlySpan<byte> bytes, int headerLength)
        {
            if (HasHeader)
            {
                var rest = Math.Min(_left, bytes.Length);
                _left -= rest;
                return rest;
            }

            _headerLength = headerLength;
            var taken = Math.Min(headerLength - _headerTaken, bytes.Length);
            bytes[..taken].CopyTo(_header.AsSpan(_headerTaken));
            _headerTaken += taken;
            if (HasHeader)
            {
                var length = BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(headerLength == HeaderBytes ? 1 : 0));
                _left = length - (headerLength == HeaderBytes ? HeaderBytes - 1 : FirstHeaderBytes);
            }

            return taken;
        }

        public void Next() => _headerTaken = 0;
    }
}
