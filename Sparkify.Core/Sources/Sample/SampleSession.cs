namespace Sparkify.Core.Sources.Sample;

/// <summary>The pages of the log.</summary>
internal enum SamplePage
{
    NextSong,
    Home,
    Login,
    Logout,
    Settings,
    SaveSettings,
    Upgrade,
    SubmitUpgrade,
    Downgrade,
    SubmitDowngrade,
    Help,
    About,
    Error,
}

/// <summary>One line of the log, before it is text.</summary>
/// <param name="Second">When, in seconds since 1970.</param>
/// <param name="Page">The page.</param>
/// <param name="User">Who; nobody is named while <paramref name="LoggedIn"/> is false.</param>
/// <param name="LoggedIn">Whether the visitor is logged in.</param>
/// <param name="Paid">Whether the person pays just now.</param>
/// <param name="Session">The visit.</param>
/// <param name="Item">The line's number within the visit.</param>
/// <param name="Play">What is played on the page NextSong.</param>
internal readonly record struct SampleEvent(
    long Second, SamplePage Page, int User, bool LoggedIn, bool Paid, int Session, int Item, SamplePlay Play);

/// <summary>A song being played.</summary>
/// <param name="InCatalogue">Whether the catalogue has it.</param>
/// <param name="Song">Its number in its book.</param>
/// <param name="Duration">Its length in hundred-thousandths of a second.</param>
/// <param name="TwiceEncoded">Whether its letters were spoilt on their way into the log.</param>
internal readonly record struct SamplePlay(bool InCatalogue, int Song, int Duration, bool TwiceEncoded);

/// <summary>One visit: walks from page to page as real visitors do, a song starting when the one before it ends.</summary>
internal sealed class SampleSession(int id, int user, int events, long start, SampleRandom random, SampleUsers users)
{
    /// <summary>No two lines of a visit are further apart, in seconds: songs are shorter than that.</summary>
    public const int LongestGap = 600;

    private SampleRandom _random = random;
    private SamplePage _page;
    private bool _loggedIn = true;
    private long _songEnds;
    private int _item;

    /// <summary>Who visits.</summary>
    public int User { get; } = user;

    /// <summary>When the next line is due, in seconds since 1970.</summary>
    public long Second { get; private set; } = start;

    /// <summary>Whether the visit is over.</summary>
    public bool Over => _item == events;

    /// <summary>Chooses the first page.</summary>
    public void Begin()
    {
        _page = _random.Below(1000) switch
        {
            < 560 => SamplePage.NextSong,
            < 965 => SamplePage.Home,
            < 990 => SamplePage.Login,
            < 995 => SamplePage.Help,
            _ => SamplePage.About,
        };
        _loggedIn = _page is SamplePage.NextSong or SamplePage.Home;
    }

    /// <summary>The line that is due; afterwards the one after it is.</summary>
    public SampleEvent Take(SampleSongBook catalogue, SampleSongBook world)
    {
        var paid = users.IsPaid(User);
        var play = _page == SamplePage.NextSong ? Play(catalogue, world) : default;
        var taken = new SampleEvent(Second, _page, User, _loggedIn, paid, id, _item++, play);
        if (!Over)
        {
            Move(play, paid);
        }

        return taken;
    }

    private SamplePlay Play(SampleSongBook catalogue, SampleSongBook world)
    {
        // Of the real month's plays some 4.7 % are of songs that the catalogue has.
        var known = _random.Chance(47);
        var book = known ? catalogue : world;
        var song = known ? _random.Below(book.Count) : _random.Skewed(book.Count);
        return new SamplePlay(known, song, book.Duration(song), !known && _random.Chance(250));
    }

    private void Move(SamplePlay play, bool paid)
    {
        var now = Second;
        switch (_page)
        {
            case SamplePage.NextSong:
                _songEnds = now + (play.Duration / 100_000);
                if (_random.Chance(925))
                {
                    Go(SamplePage.NextSong, _songEnds);
                }
                else
                {
                    Go(Browse(paid), now + _random.Between(1, Math.Max(1, play.Duration / 100_000)));
                }

                break;
            case SamplePage.Login:
                _loggedIn = true;
                Go(SamplePage.Home, now + _random.Between(1, 60));
                break;
            case SamplePage.Logout:
                _loggedIn = false;
                _songEnds = 0;
                Go(SamplePage.Home, now + _random.Between(1, 90));
                break;
            case SamplePage.Upgrade when _random.Chance(400):
                Go(SamplePage.SubmitUpgrade, now + 1);
                break;
            case SamplePage.Downgrade when _random.Chance(60):
                Go(SamplePage.SubmitDowngrade, now + 1);
                break;
            case SamplePage.SubmitUpgrade or SamplePage.SubmitDowngrade:
                users.SetPaid(User, _page == SamplePage.SubmitUpgrade);
                Go(SamplePage.Home, now + _random.Between(1, 30));
                break;
            case SamplePage.Settings when _random.Chance(200):
                Go(SamplePage.SaveSettings, now + 1);
                break;
            case var _ when !_loggedIn:
                Go(Outside(), now + _random.Between(1, 90));
                break;
            case var _ when _random.Chance(800):
                Go(SamplePage.NextSong, Math.Max(_songEnds, now + _random.Between(2, 120)));
                break;
            default:
                Go(Browse(paid), now + _random.Between(0, 90));
                break;
        }
    }

    private SamplePage Browse(bool paid) => _random.Below(1000) switch
    {
        < 560 => SamplePage.Home,
        < 670 => SamplePage.Logout,
        < 750 => SamplePage.Settings,
        < 860 => paid ? SamplePage.Downgrade : SamplePage.Upgrade,
        < 930 => SamplePage.Help,
        < 985 => SamplePage.About,
        _ => SamplePage.Error,
    };

    /// <summary>What a visitor who is not logged in looks at.</summary>
    private SamplePage Outside() => _random.Below(10) switch
    {
        < 7 => SamplePage.Login,
        7 => SamplePage.Help,
        8 => SamplePage.About,
        _ => SamplePage.Home,
    };

    private void Go(SamplePage page, long second)
    {
        _page = page;
        Second = second;
    }
}
