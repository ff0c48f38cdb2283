using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>
/// Makes plays of staged events while they are in hand: rows of <c>songplays</c> from rows of <c>staging_events</c>, both as COPY takes
/// them. Which column comes from which stands in <see cref="StarSchema"/>; the result is what <c>Sql/Shared/songplays.sql</c> would make.
/// Not for use by two threads.
/// </summary>
internal sealed class PlayEncoder : IDisposable
{
    private const int Field = sizeof(int);
    private const int Null = -1;

    private static readonly IReadOnlyList<StarColumn> From = StarSchema.StagingEvents.Columns;
    private static readonly int Fields = From.Count + StarSchema.Origin.Count;
    private static readonly Source[] Columns = [.. StarSchema.Songplays.Columns.Select(SourceOf)];
    private static readonly int Page = At("page"), Session = At("session_id"), Item = At("item_in_session"), Time = At("ts");
    private static readonly int User = At("user_id"), Title = At("song"), Artist = At("artist"), Length = At("length");
    private static readonly byte[] PlayPage = System.Text.Encoding.UTF8.GetBytes(StarSchema.PlayPage);

    private readonly PlayCatalogue _catalogue;
    private readonly PlayKey _key = new();
    private readonly int[] _starts = new int[Fields];
    private readonly int[] _lengths = new int[Fields];

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

    /// <summary>The plays of the last events, as COPY takes them.</summary>
    public PinnedBuffer Rows { get; }

    /// <summary>Makes the plays of these events, in place of those of the last ones.</summary>
    public void Encode(ReadOnlySpan<byte> events)
    {
        Rows.Length = 0;
        for (var at = 0; at < events.Length;)
        {
            var start = at;
            at += sizeof(short);
            for (var field = 0; field < Fields; field++)
            {
                var length = BinaryPrimitives.ReadInt32BigEndian(events[at..]);
                at += Field;
                (_starts[field], _lengths[field]) = (at, length);
                at += Math.Max(length, 0);
            }

            if (Value(events, Page).SequenceEqual(PlayPage))
            {
                Write(events, at - start);
            }
        }
    }

    public void Dispose() => _key.Dispose();

    private void Write(ReadOnlySpan<byte> events, int eventBytes)
    {
        ReadOnlySpan<byte> song = default, artist = default;
        var found = _lengths[Title] != Null && _lengths[Artist] != Null && PlayKey.OfDuration(Value(events, Length)) is { } duration
            && _catalogue.TryFind(Value(events, Title), Value(events, Artist), duration, out song, out artist);

        // A play has fewer and shorter columns than its event, but for its key and what the catalogue knows of it.
        var most = eventBytes + (Columns.Length * Field) + sizeof(long) + song.Length + artist.Length;
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
                    BinaryPrimitives.WriteInt64BigEndian(
                        to[(at + Field)..], _key.Of(Value(events, Session), Value(events, Item), Value(events, Time), Value(events, User)));
                    at += Field + sizeof(long);
                    break;
                case Kind.Song:
                    at += Put(to[at..], song, isNull: !found);
                    break;
                case Kind.Artist:
                    at += Put(to[at..], artist, isNull: !found);
                    break;
                default:
                    var length = _lengths[column.At];
                    at += Put(
                        to[at..], Value(events, column.At), isNull: length == Null || (length == 0 && column.Kind == Kind.CopyUnlessEmpty));
                    break;
            }
        }

        Rows.Length += at;
    }

    private ReadOnlySpan<byte> Value(ReadOnlySpan<byte> events, int field) => events.Slice(_starts[field], Math.Max(_lengths[field], 0));

    private static int Put(Span<byte> to, ReadOnlySpan<byte> value, bool isNull)
    {
        BinaryPrimitives.WriteInt32BigEndian(to, isNull ? Null : value.Length);
        if (isNull)
        {
            return Field;
        }

        value.CopyTo(to[Field..]);
        return Field + value.Length;
    }

    private static Source SourceOf(StarColumn column) => column switch
    {
        { IsKey: true } => new Source(Kind.Key, 0),
        { From: { } from } => new Source(column.EmptyIsNull ? Kind.CopyUnlessEmpty : Kind.Copy, At(from)),
        { References: "songs" } => new Source(Kind.Song, 0),
        { References: "artists" } => new Source(Kind.Artist, 0),
        _ => throw new UnreachableException($"Nothing says where the column {column.Name} of plays comes from."),
    };

    private static int At(string staged) => From.Index().Single(c => c.Item.Name == staged).Index;

    /// <summary>Where a column of a play comes from.</summary>
    /// <param name="Kind">How.</param>
    /// <param name="At">Of which column of its event.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Source(Kind Kind, int At);
}
