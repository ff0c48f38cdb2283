using System.Globalization;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

/// <summary>A source that changes by chance, and beside it the union of all that was ever in it.</summary>
internal sealed class RandomFiles
{
    private static readonly string[] Pages = ["NextSong", "NextSong", "NextSong", "Home"];
    private static readonly string[] Names = ["Ann", "Anna", "", ""];
    private readonly Random _random;
    private readonly string _source;
    private readonly string _union;
    private int _made;

    /// <summary>Begins with a few files.</summary>
    public RandomFiles(Random random, TempFolder folder)
    {
        (_random, _source, _union) = (random, Path.Combine(folder.Path, "source"), Path.Combine(folder.Path, "union"));
        for (var file = 0; file < 4; file++)
        {
            Write("events", Events(30));
            Write("songs", Songs(3));
        }

        Unite();
    }

    /// <summary>The source as it is.</summary>
    public object Source => At(_source);

    /// <summary>All that was ever in it when somebody looked, the newest of each file.</summary>
    public object Union => At(_union);

    /// <summary>Where the source is.</summary>
    public string Folder => _source;

    /// <summary>Adds, repeats and deletes some files, and changes some.</summary>
    public void Change(bool changing = true)
    {
        foreach (var part in (string[])["events", "songs"])
        {
            // Sometimes one part alone.
            for (var change = part == "events" ? _random.Next(1, 4) : _random.Next(-1, 3); change > 0; change--)
            {
                var files = Directory.GetFiles(Path.Combine(_source, part)).Order(StringComparer.Ordinal).ToList();
                var file = files[_random.Next(files.Count)];
                switch (_random.Next(6))
                {
                    case 0 when files.Count > 2:
                        File.Delete(file);
                        break;
                    case 1:
                        Write(part, File.ReadAllText(file)); // the same once more
                        break;
                    case 2 when changing:
                        Write(part, part == "events" ? Events(25) : Songs(2), Path.GetFileName(file));
                        break;
                    default:
                        Write(part, part == "events" ? Events(15) : Songs(2));
                        break;
                }
            }
        }

        Unite();
    }

    private static object At(string folder) => new { events = Path.Combine(folder, "events"), songs = Path.Combine(folder, "songs") };

    private void Write(string part, string text, string? name = null)
    {
        Directory.CreateDirectory(Path.Combine(_source, part));
        File.WriteAllText(Path.Combine(_source, part, name ?? $"{_made:D4}.json"), text);
        _made++;
    }

    // What a load will see; what was deleted stays here.
    private void Unite()
    {
        foreach (var file in Directory.GetFiles(_source, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(_union, Path.GetRelativePath(_source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to, overwrite: true);
        }
    }

    private string Events(int count) => string.Join('\n', Enumerable.Range(0, count).Select(_ => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        {"artist":"A{{_random.Next(2)}}","auth":"Logged In","firstName":"{{One(Names)}}","gender":"{{One(["F", "M", ""])}}","itemInSession":{{_random.Next(6)}},"lastName":"{{One(Names)}}","length":{{One(["100.5", "200.25", "null"])}},"level":"{{One(["free", "paid"])}}","location":"{{One(["Here", "There", ""])}}","method":"PUT","page":"{{One(Pages)}}","registration":1540919166796.0,"sessionId":{{One(["1", "2", "3", "4", "5", "6", "null"])}},"song":"T{{_random.Next(4)}}","status":200,"ts":{{One(["null", $"{1541105830796 + (_random.Next(4) * 86_400_000L)}", $"{1541105830796 + _random.Next(40)}"])}},"userAgent":"Mozilla","userId":"{{One(["1", "2", "3", "4", "5", ""])}}"}
        """)));

    private string Songs(int count) => string.Join('\n', Enumerable.Range(0, count).Select(_ => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        {"num_songs":1,"artist_id":"AR{{_random.Next(3)}}","artist_latitude":{{One(["null", "1.5"])}},"artist_longitude":null,"artist_location":"{{One(["", "Here"])}}","artist_name":"A{{_random.Next(2)}}","song_id":"SO{{_random.Next(8)}}","title":"T{{_random.Next(4)}}","duration":{{One(["100.5", "200.25"])}},"year":{{One(["0", "1999"])}}}
        """)));

    private string One(string[] of) => of[_random.Next(of.Length)];
}
