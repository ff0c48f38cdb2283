using Sparkify.Core.Common;
using Sparkify.Core.Reports.Queries;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Query;

/// <summary>One query on the page, with what came of it.</summary>
public sealed class QueryTab(string id, string name, string text)
{
    private const int LongestInAddress = 2000;

    /// <summary>What a person who comes for the first time finds.</summary>
    public const string Example = """
        -- Ctrl+Enter runs it. Whatever you type, it can only read.
        select artist_name, count(*) as plays
        from   songplays
        group  by artist_name
        order  by plays desc
        limit  20
        """;

    private Subscription<QueryView>? _views;

    /// <summary>Its name among the tabs of one browser.</summary>
    public string Id => id;

    /// <summary>What it is called.</summary>
    public string Name { get; set; } = name;

    /// <summary>The saved query it shows.</summary>
    public long? Saved { get; set; }

    /// <summary>What it began with, or was saved as.</summary>
    public string Base { get; set; } = text;

    /// <summary>What is written in it, as far as the browser has said.</summary>
    public string Text { get; private set; } = text;

    /// <summary>The values of its parameters.</summary>
    public Dictionary<string, string> Values { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The query that was run last.</summary>
    public IQueryRun? Run { get; private set; }

    /// <summary>What came of it.</summary>
    public QueryView? View { get; private set; }

    /// <summary>The values it was run with.</summary>
    public IReadOnlyDictionary<string, string> RunWith { get; private set; } = new Dictionary<string, string>();

    /// <summary>When it was run.</summary>
    public DateTimeOffset? At { get; private set; }

    /// <summary>The load whose rows it read.</summary>
    public long? Load { get; private set; }

    /// <summary>How the server would carry it out.</summary>
    public PlanNode? Plan { get; set; }

    /// <summary>Why something else than running it was refused.</summary>
    public string? Problem { get; set; }

    /// <summary>Whether its query is under way.</summary>
    public bool Running => View is { State: QueryState.Running };

    /// <summary>Whether something would be lost with it.</summary>
    public bool Changed => Text != Base;

    /// <summary>Its address; a text too long for one has none of its own.</summary>
    public string Address(string warehouse) => Values.Where(v => SqlParameters.Names(Text).Contains(v.Key)).Aggregate(
        Url.With("/query", ("warehouse", warehouse), ("saved", Saved is { } saved ? $"{saved}" : null), ("sql", Sql)),
        static (address, value) => $"{address}&p.{Uri.EscapeDataString(value.Key)}={Uri.EscapeDataString(value.Value)}");

    /// <summary>The text as it stands in the address.</summary>
    public string? Sql => Saved is null && Text.Length is > 0 and <= LongestInAddress ? Text : null;

    /// <summary>As the browser keeps it.</summary>
    public KeptTab Kept => new(Id, Name, Saved, Base, Values, Text);

    /// <summary>From what the browser kept.</summary>
    public static QueryTab Of(KeptTab kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        return new(kept.Id, kept.Name, kept.Sql)
        {
            Saved = kept.Saved,
            Base = kept.Base,
            Values = new(kept.Values, StringComparer.Ordinal),
        };
    }

    /// <summary>
    /// Takes what was typed; whether it is something new. What was wrong with the text before says nothing about this one.
    /// </summary>
    public async Task<bool> WriteAsync(string text)
    {
        if (text == Text)
        {
            return false;
        }

        (Text, Problem) = (text, null);
        if (View is { State: QueryState.Failed })
        {
            await LetGoAsync();
        }

        return true;
    }

    /// <summary>Shows a query that was started, and gives what comes of it.</summary>
    public Subscription<QueryView> Begin(IQueryRun run, DateTimeOffset at, long? load)
    {
        ArgumentNullException.ThrowIfNull(run);
        (Run, View, At, Load, Plan, Problem) = (run, run.Now, at, load, null, null);
        RunWith = new Dictionary<string, string>(Values, StringComparer.Ordinal);
        return _views = run.Subscribe();
    }

    /// <summary>Takes a view of a query; whether it says something new.</summary>
    public bool Show(IQueryRun run, QueryView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        // A view that comes late, of the query before this one or of an earlier moment, says nothing any more.
        if (!ReferenceEquals(run, Run) || (!Running && view.State == QueryState.Running))
        {
            return false;
        }

        View = view;
        return true;
    }

    /// <summary>Ends the query on the server, and lets its rows go.</summary>
    public async Task LetGoAsync()
    {
        var (run, views) = (Run, _views);
        (Run, View, _views) = (null, null, null);
        views?.Dispose();
        if (run is not null)
        {
            await run.DisposeAsync();
        }
    }
}
