using System.Text;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>A part of a text and what takes its place.</summary>
internal readonly record struct Edit(int Start, int End, string Text);

/// <summary>One statement being put into the server's dialect: its tokens, and the edits made so far.</summary>
internal sealed class SqlScript(string text, IReadOnlyList<Token> tokens)
{
    private readonly List<Edit> _edits = [];

    public int Count => tokens.Count;

    public Token this[int index] =>
        index >= 0 && index < tokens.Count ? tokens[index] : new Token(TokenKind.Symbol, text.Length, text.Length, "");

    /// <summary>The first word.</summary>
    public string Word => tokens[0].Value;

    public string Source => text[tokens[0].Start..tokens[^1].End];

    public int Start => tokens[0].Start;

    public bool Has(int index, params ReadOnlySpan<string> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (!this[index + i].Is(words[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The index of the parenthesis that closes the one at an index.</summary>
    public int Close(int open)
    {
        for (var (i, depth) = (open, 0); i < Count; i++)
        {
            depth += this[i].Is("(") ? 1 : this[i].Is(")") ? -1 : 0;
            if (depth == 0)
            {
                return i;
            }
        }

        throw new SqlErrorException("42601", "syntax error at end of input");
    }

    /// <summary>The token ranges between the commas of a list, from a first token up to but without an end.</summary>
    public IEnumerable<(int From, int To)> Items(int from, int end)
    {
        var (start, depth) = (from, 0);
        for (var i = from; i < end; i++)
        {
            depth += this[i].Is("(") ? 1 : this[i].Is(")") ? -1 : 0;
            if (depth == 0 && this[i].Is(","))
            {
                yield return (start, i);
                start = i + 1;
            }
        }

        if (start < end)
        {
            yield return (start, end);
        }
    }

    /// <summary>Puts a text in place of the tokens from one up to but without another.</summary>
    public void Replace(int from, int to, string with)
    {
        var (start, end) = (this[from].Start, this[to - 1].End);
        _edits.RemoveAll(e => e.Start >= start && e.End <= end && e.Start < e.End);
        _edits.Add(new Edit(start, end, with));
    }

    public void Remove(int from, int to) => Replace(from, to, "");

    public void InsertAfter(int index, string what) => _edits.Add(new Edit(this[index].End, this[index].End, what));

    public void InsertBefore(int index, string what) => _edits.Add(new Edit(this[index].Start, this[index].Start, what));

    /// <summary>The tokens of a range as they were written.</summary>
    public string Raw(int from, int to) => from < to ? text[this[from].Start..this[to - 1].End] : "";

    /// <summary>The tokens of a range as they read by now.</summary>
    public string Rewritten(int from, int to) => Apply(
        this[from].Start, this[to - 1].End, _edits.Where(e => e.Start >= this[from].Start && e.End <= this[to - 1].End));

    /// <summary>The tokens of a range as they read by now; the edits within it are used up.</summary>
    public string Take(int from, int to)
    {
        var (start, end) = (this[from].Start, this[to - 1].End);
        var within = _edits.Where(e => e.Start >= start && e.End <= end).ToList();
        _edits.RemoveAll(within.Contains);
        return Apply(start, end, within);
    }

    /// <summary>The same without some of its tokens; blanks take their places, so that all others stay in theirs.</summary>
    public SqlScript Without(HashSet<int> gone)
    {
        var blanked = new StringBuilder(text);
        foreach (var at in gone.SelectMany(i => Enumerable.Range(tokens[i].Start, tokens[i].End - tokens[i].Start)))
        {
            blanked[at] = ' ';
        }

        return new SqlScript(blanked.ToString(), [.. tokens.Where((_, i) => !gone.Contains(i))]);
    }

    public SqlErrorException SyntaxError(int index, string? hint = null) => new(new SqlError(
        "42601", this[index].Start >= text.Length
            ? "syntax error at end of input"
            : $"syntax error at or near \"{text[this[index].Start..this[index].End]}\"",
        Hint: hint, Position: this[index].Start + 1));

    public Prepared Finish()
    {
        return new Prepared(Source, Apply(Start, tokens[^1].End, _edits))
        {
            Source = Source,
            Word = Word,
            ReadsHistory = tokens.Any(
                static t => t.IsName && (t.Value.StartsWith("sys_", StringComparison.Ordinal)
                    || t.Value.StartsWith("stl_", StringComparison.Ordinal) || t.Value.StartsWith("stv_", StringComparison.Ordinal)
                    || t.Value.StartsWith("svl_", StringComparison.Ordinal) || t.Value is "svv_table_info" or "pg_stat_activity")),
            Laterals = Lateral.Find(this),
            Offset = Start,
            Edits = [.. _edits.OrderBy(static e => e.Start).ThenBy(static e => e.End)],
        };
    }

    private string Apply(int start, int end, IEnumerable<Edit> edits)
    {
        var result = new StringBuilder();
        var at = start;
        foreach (var edit in edits.OrderBy(static e => e.Start).ThenBy(static e => e.End))
        {
            if (edit.Start >= at)
            {
                result.Append(text, at, edit.Start - at).Append(edit.Text);
                at = edit.End;
            }
        }

        return result.Append(text, at, end - at).ToString();
    }
}

/// <summary>A statement as it was written and as the server behind gets it, or how it runs on this side.</summary>
internal sealed record Prepared(string Text, string Sql)
{
    /// <summary>Its first word.</summary>
    public string Word { get; init; } = "";

    /// <summary>What it was prepared from: its text, unless it was written anew.</summary>
    public string Source { get; init; } = "";

    /// <summary>Whether it looks at what the journal writes down.</summary>
    public bool ReadsHistory { get; init; }

    /// <summary>Whether a transaction it stands in ends with it.</summary>
    public bool Commits { get; init; }

    /// <summary>How it runs here; none when the server behind runs it.</summary>
    public OwnStatement? Own { get; init; }

    /// <summary>What is to be remembered once it has succeeded.</summary>
    public Action<SqlConversation>? Done { get; init; }

    /// <summary>The names in it that another item of their list may have given.</summary>
    public IReadOnlyList<Lateral> Laterals { get; init; } = [];

    /// <summary>Whether it was written anew, so that no place in it is one in the text that was sent.</summary>
    public bool IsRewritten { get; init; }

    /// <summary>The table it makes from a query and gives keys; none for other statements.</summary>
    public MadeTable? Made { get; init; }

    /// <summary>Whether it makes a view of what may not be there yet.</summary>
    public bool IsLateBinding { get; init; }

    public int Offset { get; init; }

    public IReadOnlyList<Edit> Edits { get; init; } = [];

    /// <summary>The place in the text as written of a place in the text as sent; both count from 1.</summary>
    public int? PositionInText(int position) => IsRewritten ? null : PositionInSource(position);

    /// <summary>The place in the text it was prepared from.</summary>
    public int PositionInSource(int position)
    {
        var shift = Offset;
        foreach (var edit in Edits)
        {
            if (edit.Start - shift >= position - 1)
            {
                break;
            }

            shift -= edit.Text.Length - (edit.End - edit.Start);
        }

        return Math.Max(1, position + shift);
    }
}
