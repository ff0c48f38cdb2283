using System.Globalization;
using System.Text;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Copying;

/// <summary>How the records of files that are not JSON are cut into fields.</summary>
internal sealed record FieldForm
{
    /// <summary>The first option that was given, for who gave it with JSON.</summary>
    public string? Given { get; private init; }

    public bool Csv { get; private init; }

    /// <summary>What stands between fields; none given is a bar, or a comma with CSV.</summary>
    public byte Delimiter { get; private init; }

    public byte Quote { get; private init; } = (byte)'"';

    public bool Escape { get; private init; }

    public bool RemoveQuotes { get; private init; }

    public bool FillRecord { get; private init; }

    public bool IgnoreBlankLines { get; private init; }

    public int IgnoreHeader { get; private init; }

    /// <summary>The field that is NULL.</summary>
    public byte[] Null { get; private init; } = "\\N"u8.ToArray();

    public byte Separator => Delimiter != 0 ? Delimiter : (byte)(Csv ? ',' : '|');

    public FieldForm With(string option, string value)
    {
        var form = option switch
        {
            "csv" => this with { Csv = true },
            "delimiter" => this with { Delimiter = One(option, value) },
            "quote" => this with { Quote = One(option, value) },
            "escape" => this with { Escape = true },
            "removequotes" => this with { RemoveQuotes = true },
            "fillrecord" => this with { FillRecord = true },
            "ignoreblanklines" => this with { IgnoreBlankLines = true },
            "null" => this with { Null = Encoding.UTF8.GetBytes(value) },
            _ => this with
            {
                IgnoreHeader = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var lines)
                    ? lines
                    : throw new SqlErrorException("22023", "IGNOREHEADER takes a number of lines."),
            },
        };
        return form with { Given = Given ?? option };
    }

    public void Check()
    {
        if (Csv && (Escape || RemoveQuotes))
        {
            throw new SqlErrorException("42601", $"CSV is not supported with {(Escape ? "ESCAPE" : "REMOVEQUOTES")}");
        }
    }

    /// <summary>One character of ASCII, which may be written as three octal digits.</summary>
    private static byte One(string option, string value) => value is [< (char)128 and not (char)0] ? (byte)value[0]
        : value is [>= '0' and <= '1', >= '0' and <= '7', >= '0' and <= '7'] ? Convert.ToByte(value, 8)
        : throw new SqlErrorException("22023", $"{option.ToUpperInvariant()} must be a single ASCII character.");
}
