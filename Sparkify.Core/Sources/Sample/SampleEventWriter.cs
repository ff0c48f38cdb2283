using System.Buffers;
using System.Text;

namespace Sparkify.Core.Sources.Sample;

/// <summary>Writes lines of the log byte for byte in the manner of the real one.</summary>
internal sealed class SampleEventWriter(SampleEvents events)
{
    // All times of the real log end in these milliseconds.
    private const int Milliseconds = 796;

    private static readonly byte[][] Women = Quoted(SampleWords.Women);
    private static readonly byte[][] Men = Quoted(SampleWords.Men);
    private static readonly byte[][] LastNames = Quoted(SampleWords.LastNames);
    private static readonly byte[][] Metros = Quoted(SampleWords.Metros);
    private static readonly byte[][] UserAgents = Quoted(SampleWords.UserAgents);
    private static readonly byte[][] Pages =
    [
        .. Enum.GetValues<SamplePage>().Select(static page => (byte[])[.. PageOf(page)]),
    ];

    private readonly SampleText _text = new();

    /// <summary>Writes one line, without its end.</summary>
    public void Write(in SampleEvent e, ArrayBufferWriter<byte> to)
    {
        var person = e.LoggedIn ? events.Person(e.User) : default;
        var book = e.Play.InCatalogue ? events.Catalogue : events.World;
        var plays = e.Page == SamplePage.NextSong;

        to.Write("{\"artist\":"u8);
        if (plays)
        {
            book.Artist(e.Play.Song, _text);
            to.Text(_text.Span, slashes: true, e.Play.TwiceEncoded);
        }
        else
        {
            to.Write("null"u8);
        }

        to.Write(e.LoggedIn ? ",\"auth\":\"Logged In\",\"firstName\":"u8 : ",\"auth\":\"Logged Out\",\"firstName\":"u8);
        to.Write(!e.LoggedIn ? "null"u8 : (person.Woman ? Women : Men)[person.FirstName]);
        to.Write(!e.LoggedIn ? ",\"gender\":null"u8 : person.Woman ? ",\"gender\":\"F\""u8 : ",\"gender\":\"M\""u8);
        to.Write(",\"itemInSession\":"u8);
        to.Number(e.Item);
        to.Write(",\"lastName\":"u8);
        to.Write(e.LoggedIn ? LastNames[person.LastName] : "null"u8);
        to.Write(",\"length\":"u8);
        if (plays)
        {
            to.Decimal(e.Play.Duration);
        }
        else
        {
            to.Write("null"u8);
        }

        to.Write(e.Paid ? ",\"level\":\"paid\",\"location\":"u8 : ",\"level\":\"free\",\"location\":"u8);
        to.Write(e.LoggedIn ? Metros[person.Metro] : "null"u8);
        to.Write(IsPut(e.Page) ? ",\"method\":\"PUT\",\"page\":\""u8 : ",\"method\":\"GET\",\"page\":\""u8);
        to.Write(Pages[(int)e.Page]);
        to.Write("\",\"registration\":"u8);
        if (e.LoggedIn)
        {
            to.Number(((SampleEvents.FirstSecond - person.RegisteredSecondsBefore) * 1000) + Milliseconds);
            to.Write(".0"u8);
        }
        else
        {
            to.Write("null"u8);
        }

        to.Write(",\"sessionId\":"u8);
        to.Number(e.Session);
        to.Write(",\"song\":"u8);
        if (plays)
        {
            book.Title(e.Play.Song, _text);
            to.Text(_text.Span, slashes: true, e.Play.TwiceEncoded);
        }
        else
        {
            to.Write("null"u8);
        }

        to.Write(e.Page == SamplePage.Error ? ",\"status\":404,\"ts\":"u8
            : plays || !IsPut(e.Page) ? ",\"status\":200,\"ts\":"u8
            : ",\"status\":307,\"ts\":"u8);
        to.Number((e.Second * 1000) + Milliseconds);
        to.Write(",\"userAgent\":"u8);
        to.Write(e.LoggedIn ? UserAgents[person.UserAgent] : "null"u8);
        to.Write(",\"userId\":\""u8);
        if (e.LoggedIn)
        {
            to.Number(person.Id);
        }

        to.Write("\"}"u8);
    }

    private static ReadOnlySpan<byte> PageOf(SamplePage page) => page switch
    {
        SamplePage.SaveSettings => "Save Settings"u8,
        SamplePage.SubmitUpgrade => "Submit Upgrade"u8,
        SamplePage.SubmitDowngrade => "Submit Downgrade"u8,
        _ => Encoding.ASCII.GetBytes(page.ToString()),
    };

    private static bool IsPut(SamplePage page) => page is SamplePage.NextSong or SamplePage.Login or SamplePage.Logout
        or SamplePage.SaveSettings or SamplePage.SubmitUpgrade or SamplePage.SubmitDowngrade;

    private static byte[][] Quoted(string[] texts)
    {
        var to = new ArrayBufferWriter<byte>();
        return [.. texts.Select(text =>
        {
            to.ResetWrittenCount();
            to.Text(text, slashes: true);
            return to.WrittenSpan.ToArray();
        })];
    }
}
