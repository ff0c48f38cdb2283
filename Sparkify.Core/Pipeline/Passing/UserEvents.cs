using System.Buffers.Binary;
using System.Text;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Passing;

/// <summary>
/// The events that can decide what is said of each user, by the rule of <c>Sql/Shared/known_users.sql</c>: the latest of all, and the
/// latest with a first name, with a last name and with a gender; where several have that moment, all of them. Which of these decides is
/// for <c>Sql/Shared/users.sql</c>. Not for use by two threads.
/// </summary>
internal sealed class UserEvents
{
    // Memory is asked for in pieces of this size.
    private const int Piece = 64 * 1024;

    private static readonly int[] Columns = [.. LatestEvents.Columns.Select(static c => EventFields.At(c.Name))];
    private static readonly byte[] Played = Sent(StarSchema.PlayPage), NotPlayed = [0xFF, 0xFF, 0xFF, 0xFF];
    private static readonly int Id = EventFields.At("user_id"), Time = EventFields.At("ts");
    private static readonly int[] Names = [EventFields.At("first_name"), EventFields.At("last_name"), EventFields.At("gender")];

    // An event without a time comes before all others: microseconds of the year 1.
    private static readonly long NoTime =
        ((DateTime.MinValue - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) - NumberValue.MicrosecondsTo2000;

    private readonly MemoryBudget _budget;
    private readonly Dictionary<byte[], UserLatest> _users = new(Bytes.Comparer);
    private readonly Dictionary<byte[], UserLatest>.AlternateLookup<ReadOnlySpan<byte>> _byId;
    private readonly PinnedBuffer _row = new(1024);
    private long _taken;
    private int _left;

    public UserEvents(MemoryBudget budget)
    {
        _budget = budget;
        _byId = _users.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>Whether all of them are kept: none are, when there was no memory for more.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>The events as COPY takes them, each in two pieces: whether its user has played something is known at the end.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Rows =>
        from user in _users.Values
        from row in user.Rows
        from piece in (ReadOnlyMemory<byte>[])[row.Bytes, user.HasPlayed ? Played : NotPlayed]
        select piece;

    /// <summary>Looks at an event.</summary>
    public void See(ReadOnlySpan<byte> rows, EventFields fields, bool isPlay)
    {
        if (!IsWhole || !fields.IsSome(Id))
        {
            return;
        }

        var user = Of(fields.Value(rows, Id));
        user.HasPlayed |= isPlay;
        var time = fields.IsNull(Time) ? NoTime : BinaryPrimitives.ReadInt64BigEndian(fields.Value(rows, Time));
        var has = Latest.Any;
        for (var name = 0; name < Names.Length; name++)
        {
            if (fields.IsSome(Names[name]))
            {
                has |= (Latest)(2 << name);
            }
        }

        if (user.Decides(time, has))
        {
            Write(rows, fields, time);
            Account(user.Keep(time, has, _row.Content.Span));
        }
    }

    /// <summary>Takes what another has gathered.</summary>
    public void Take(UserEvents other)
    {
        IsWhole &= other.IsWhole;
        foreach (var (id, theirs) in other._users)
        {
            var user = Of(id);
            user.HasPlayed |= theirs.HasPlayed;
            foreach (var row in theirs.Rows)
            {
                Account(user.Decides(row.Time, row.Has) ? user.Keep(row.Time, row.Has, row.Bytes.Span) : 0);
            }
        }
    }

    private UserLatest Of(ReadOnlySpan<byte> id)
    {
        if (!_byId.TryGetValue(id, out var user))
        {
            _byId[id] = user = new UserLatest();
            Account(UserLatest.OwnBytes + id.Length);
        }

        return user;
    }

    // As COPY takes them, with the time that stands for none.
    private void Write(ReadOnlySpan<byte> rows, EventFields fields, long time)
    {
        Span<byte> number = stackalloc byte[EventFields.LengthBytes + sizeof(long)];
        BinaryPrimitives.WriteInt16BigEndian(number, (short)Columns.Length);
        _row.Length = 0;
        _row.Append(number[..sizeof(short)]);
        foreach (var column in Columns.AsSpan()[..^1]) // the last, their page, comes with the second piece
        {
            if (column == Time)
            {
                BinaryPrimitives.WriteInt32BigEndian(number, sizeof(long));
                BinaryPrimitives.WriteInt64BigEndian(number[EventFields.LengthBytes..], time);
                _row.Append(number);
            }
            else
            {
                _row.Append(fields.Sent(rows, column));
            }
        }
    }

    private static byte[] Sent(string text)
    {
        var sent = new byte[sizeof(int) + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteInt32BigEndian(sent, sent.Length - sizeof(int));
        Encoding.UTF8.GetBytes(text, sent.AsSpan(sizeof(int)));
        return sent;
    }

    private void Account(int bytes)
    {
        _left -= bytes;
        if (_left >= 0 || !IsWhole)
        {
            return;
        }

        var more = Math.Max(Piece, -_left);
        if (_budget.TryTake(more))
        {
            _taken += more;
            _left += more;
            return;
        }

        IsWhole = false;
        _users.Clear();
        _budget.Release(_taken);
    }
}
