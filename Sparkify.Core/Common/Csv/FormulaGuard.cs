using System.Buffers;

namespace Sparkify.Core.Common.Csv;

/// <summary>
/// Finds where a spreadsheet would begin to compute: at a text that begins with = + - @, a tab or a line break, and at = + - @ behind a
/// semicolon, a tab or a line break within it, where a spreadsheet that separates cells otherwise would see one begin. An apostrophe there
/// makes it text. What is before a formula without hindering it (quotes, blanks) is looked past. Works on pieces.
/// </summary>
internal sealed class FormulaGuard
{
    private static readonly SearchValues<char> Passed = SearchValues.Create("\" \u00A0");
    private static readonly SearchValues<char> Separators = SearchValues.Create(";\t\r\n");

    private Place _place = Place.First;

    private enum Place
    {
        /// <summary>At the first character of a cell.</summary>
        First,

        /// <summary>Where a cell would begin.</summary>
        Beginning,

        /// <summary>Where nothing can begin.</summary>
        Within,
    }

    /// <summary>A cell begins.</summary>
    public void Begin() => _place = Place.First;

    /// <summary>How many characters of a text can go as they are, and whether an apostrophe has to follow them.</summary>
    public (int Harmless, bool Apostrophe) Next(ReadOnlySpan<char> text)
    {
        if (_place == Place.First)
        {
            _place = Place.Beginning;
            if (text[0] is '\t' or '\r' or '\n')
            {
                return (0, true);
            }
        }

        if (_place == Place.Beginning)
        {
            var at = text.IndexOfAnyExcept(Passed);
            if (at < 0)
            {
                return (text.Length, false);
            }

            _place = Place.Within;
            if (text[at] is '=' or '+' or '-' or '@')
            {
                return (at, true);
            }
        }

        var separator = text.IndexOfAny(Separators);
        if (separator < 0)
        {
            return (text.Length, false);
        }

        _place = Place.Beginning;
        return (separator + 1, false);
    }
}
