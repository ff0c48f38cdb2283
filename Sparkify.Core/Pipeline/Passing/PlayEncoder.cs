using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Passing;

/// <summary>
/// Makes plays of staged events while they are in hand: rows of <c>songplays</c> from rows of <c>staging_events</c>, both as COPY takes
/// them. Which column comes from which stands in <see cref="StarSchema"/>; the result is what <c>Sql/Shared/songplays.sql</c> would make.
/// Not for use by two threads.
/// </summary>
internal sealed class PlayEncoder : IDisposable
{
    private static readonly Source[] Columns = [.. StarSchema.Songplays.Columns.Select(SourceOf)];
    private static readonly int Session = EventFields.At("session_id"), Item = EventFields.At("item_in_session");
    private static readonly int Time = EventFields.At("ts"), User = EventFields.At("user_id");
    private static readonly int Title = EventFields.At("song"), Artist = EventFields.At("artist"), Length = EventFields.At("length");

    private readonly PlayCatalogue _catalogue;
    private readonly PlayKey _key = new();

    public PlayEncoder(PlayCatalogue catalogue, int bytes)
    {
        _catalogue = catalogue;
        Rows = new PinnedBuffer(bytes);
    }

    private enum Kind
    {
        Key,
        Copy,
        CopyUnlessEmpty,
        Song,
        Artist,
    }

    /// <summary>The plays, as COPY takes them.</summary>
    public PinnedBuffer Rows { get; }

    /// <summary>Forgets the plays, and memory beyond what is usual.</summary>
    public void Clear(int usualBytes)
    {
        Rows.Length = 0;
        if (Rows.Capacity > usualBytes)
        {
            Rows.Resize(usualBytes);
        }
    }

    public void Dispose() => _key.Dispose();

    /// <summary>Adds the play of an event.</summary>
    /// <param name="rows">Rows of events.</param>
    /// <param name="fields">Where the values of this one stand.</param>
    /// <param name="eventBytes">How many bytes it has.</param>
    public void Add(ReadOnlySpan<byte> rows, EventFields fields, int eventBytes)
    {
        ReadOnlySpan<byte> song = default, artist = default;
        var found = !fields.IsNull(Title) && !fields.IsNull(Artist) && PlayKey.OfDuration(fields.Value(rows, Length)) is { } duration
            && _catalogue.TryFind(fields.Value(rows, Title), fields.Value(rows, Artist), duration, out song, out artist);

        // A play has fewer and shorter columns than its event, but for its key and what the catalogue knows of it.
        var most = eventBytes + (Columns.Length * EventFields.LengthBytes) + sizeof(long) + song.Length + artist.Length;
        if (Rows.Room.Length < most)
        {
            Rows.Resize(Math.Max(Rows.Capacity * 2, Rows.Length + most));
        }

        var to = Rows.Room.Span;
        BinaryPrimitives.WriteInt16BigEndian(to, (short)Columns.Length);
        var at = sizeof(short);
        foreach (var column in Columns)
        {
            switch (column.Kind)
            {
                case Kind.Key:
                    BinaryPrimitives.WriteInt32BigEndian(to[at..], sizeof(long));
                    BinaryPrimitives.WriteInt64BigEndian(to[(at + EventFields.LengthBytes)..], _key.Of(
                        fields.Value(rows, Session), fields.Value(rows, Item), fields.Value(rows, Time), fields.Value(rows, User)));
                    at += EventFields.LengthBytes + sizeof(long);
                    break;
                case Kind.Song:
                    at += Put(to[at..], song, isNull: !found);
                    break;
                case Kind.Artist:
                    at += Put(to[at..], artist, isNull: !found);
                    break;
                case Kind.CopyUnlessEmpty when !fields.IsSome(column.At):
                    at += Put(to[at..], default, isNull: true);
                    break;
                default:
                    var value = fields.Sent(rows, column.At);
                    value.CopyTo(to[at..]);
                    at += value.Length;
                    break;
            }
        }

        Rows.Length += at;
    }

    private static int Put(Span<byte> to, ReadOnlySpan<byte> value, bool isNull)
    {
        BinaryPrimitives.WriteInt32BigEndian(to, isNull ? EventFields.Null : value.Length);
        value.CopyTo(to[EventFields.LengthBytes..]);
        return EventFields.LengthBytes + value.Length;
    }

    private static Source SourceOf(StarColumn column) => column switch
    {
        { IsKey: true } => new Source(Kind.Key, 0),
        { From: { } from } => new Source(column.EmptyIsNull ? Kind.CopyUnlessEmpty : Kind.Copy, EventFields.At(from)),
        { References: "songs" } => new Source(Kind.Song, 0),
        { References: "artists" } => new Source(Kind.Artist, 0),
        _ => throw new UnreachableException($"Nothing says where the column {column.Name} of plays comes from."),
    };

    /// <summary>Where a column of a play comes from.</summary>
    /// <param name="Kind">How.</param>
    /// <param name="At">Of which column of its event.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Source(Kind Kind, int At);
}
