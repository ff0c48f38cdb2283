using System.Globalization;
using System.Text;

namespace Sparkify.Tests.Core.Pipeline.Staging;

/// <summary>
/// Random objects for the table with a column of each type: reordered, repeated and strange keys, every kind of value, right and wrong.
/// </summary>
internal sealed class RandomRecords(int seed)
{
    private static readonly string[] Keys = ["text", "anInteger", "big", "real", "ts", "second_Text"];

    private static readonly string[] Numbers =
    [
        "0", "-0", "1", "-1", "2147483647", "2147483648", "-2147483648", "-2147483649", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
        "99999999999999999999999999999999999999",
        "5.0", "5.000", "5e0", "5E+3", "50e-1", "55e-1", "5.5", "0.1", "1e400", "-1e400", "1e-400", "1e999999999999", "1e-999999999999",
        "0e999999999999",
        "1541105830796", "1541105830796.0", "1541105830796.25", "1.541105830796E12", "-1", "-62135596800000", "-62135596800001",
        "253402300799999",
        "253402300800000", "123.456789012345678901234567890", "0.000000000000000000000000000001", "246.30812", "9007199254740993",
        "9007199254740993.0", "1.7976931348623157e308", "1.7976931348623159e308", "4.9e-324", "2.4e-324", "100000000000000000000000e-23",
        "-0.0", "-0e0",
    ];

    private static readonly string[] Strings =
    [
        "", "a", "plain", "with \\\"quotes\\\"", "slash\\/slash", "\\\\", "\\u0041", "\\u00e9", "\\ud83d\\ude00", "\\ud83d", "\\ude00",
        "\\ud83dx",
        "\\ud83d\\u0041", "\\u0000", "x\\u0000y", "\\b\\f\\n\\r\\t", "é", "日本語", "😀", "twenty-four bytes exactly",
        "twenty-five bytes exactly!",
        "this is a text that is certainly longer than a vector of thirty-two bytes", "日本語日本語日本語", "12", "-3.5", "1e3", "\\u0031", " 12",
        "12 ",
        "0x10", "NaN", "Infinity", "1,5", "01", "+1", ".5", "5.", "null", "true", "{", "}", "[]", "{\\\"a\\\":1}",
        "\\u00E9\\u00e9\\u00E9\\u00e9\\u00E9\\u00e9",
    ];

    private readonly Random _random = new(seed);

    /// <summary>A file of so many objects, most of them on a line of their own.</summary>
    public byte[] File(int records)
    {
        StringBuilder file = new();
        for (var at = 0; at < records; at++)
        {
            file.Append(Object(0, pretty: _random.Next(8) == 0)).Append(Pick("\n", "\n", "\n", "\r\n", " ", "\n\n", "\t", ""));
        }

        return Encoding.UTF8.GetBytes(file.ToString());
    }

    /// <summary>The same bytes with a few changes.</summary>
    public byte[] Mutate(byte[] file)
    {
        List<byte> bytes = [.. file];
        for (var changes = _random.Next(1, 6); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = _random.Next(bytes.Count);
            switch (_random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)_random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.Insert(at, (byte)Pick("{", "}", "[", "]", ",", ":", "\"", "\\", "\n", "0")[0]);
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(_random.Next(1, 40), bytes.Count - at));
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(_random.Next(1, 40), bytes.Count - at)));
                    break;
                default:
                    bytes.Insert(at, (byte)Pick("\0", "\u001F", "\u007F", "\u00FF", "\u00C3", "\u00ED")[0]);
                    break;
            }
        }

        return [.. bytes];
    }

    public int Next(int most) => _random.Next(most);

    private string Object(int depth, bool pretty)
    {
        var fields = new List<string>();
        foreach (var key in Keys.OrderBy(_ => depth == 0 && _random.Next(3) > 0 ? 0 : _random.Next()))
        {
            if (_random.Next(8) > 0)
            {
                fields.Add($"{Key(key)}:{Space()}{(depth > 0 ? Value(depth) : _random.Next(4) == 0 ? Value(depth) : Fitting(key))}");
            }
        }

        for (var more = _random.Next(-2, 3); more > 0; more--)
        {
            fields.Add($"{Key(Pick("unknown", "another", "", "text", "ts", "TEXT", "deep"))}:{Space()}{Value(depth)}");
        }

        var (before, between) = pretty ? ("\n  ", ",\n  ") : (Space(), "," + Space());
        return $"{{{before}{string.Join(between, fields)}{(pretty ? "\n" : Space())}}}";
    }

    private string Key(string key) => _random.Next(12) switch
    {
        0 => $"\"{key.ToUpperInvariant()}\"",
        1 => $"\"{key.ToLowerInvariant()}\"{Space()}",
        2 when key.Length > 0 => $"\"\\u{(int)key[0]:x4}{key[1..]}\"",
        _ => $"\"{key}\"",
    };

    /// <summary>A value its column takes.</summary>
    private string Fitting(string key) => key switch
    {
        "text" => $"\"{Pick("a", "plain", "é😀", "\\ud83d\\ude00 \\\"x\\\"", "")}\"",
        "second_Text" => $"\"{Pick("Mozilla\\/5.0 \\\"quoted\\\"", new string('x', _random.Next(100)), "日本語")}\"",
        "anInteger" => _random.Next(-5000, 5000).ToString(CultureInfo.InvariantCulture),
        "big" => _random.NextInt64(long.MinValue, long.MaxValue).ToString(CultureInfo.InvariantCulture),
        "real" =>
            BitConverter.Int64BitsToDouble(_random.NextInt64(0, 0x7FE0_0000_0000_0000))
                .ToString(Pick("R", "E16", "R"), CultureInfo.InvariantCulture),
        _ => _random.NextInt64(0, 4_000_000_000_000).ToString(CultureInfo.InvariantCulture),
    };

    private string Value(int depth) => _random.Next(10) switch
    {
        0 => "null",
        1 => Pick("true", "false"),
        2 or 3 or 4 => Pick(Numbers),
        5 when depth < 3 => Object(depth + 1, pretty: false),
        6 when depth < 3 =>
            $"[{Space()}{string.Join($",{Space()}", Enumerable.Range(0, _random.Next(4)).Select(_ => Value(depth + 1)))}{Space()}]",
        _ => $"\"{Pick(Strings)}\"",
    };

    private string Space() => Pick("", "", "", "", " ", "  ", "\t");

    private string Pick(params string[] from) => from[_random.Next(from.Length)];
}
