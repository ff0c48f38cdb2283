using Sparkify.Core.Runs;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Web.Features.Runs;

/// <summary>How many rows of a table of the star two loads made.</summary>
/// <param name="Table">The table.</param>
/// <param name="Label">What its rows are called.</param>
/// <param name="Role">What the table is for.</param>
/// <param name="Before">Rows of the earlier load; none when it did not come so far.</param>
/// <param name="Now">Rows of the later load; none when it did not come so far.</param>
public sealed record TableChange(string Table, string Label, TableRole Role, long? Before, long? Now)
{
    /// <summary>The tables of the star that either load built, in reading order. What a step made is in its run.</summary>
    public static IReadOnlyList<TableChange> Of(IReadOnlyList<TableInfo> tables, RunView? before, RunView now)
    {
        ArgumentNullException.ThrowIfNull(tables);
        ArgumentNullException.ThrowIfNull(now);
        return [.. tables.Where(static t => t.Role != TableRole.Staging)
            .Select(t => new TableChange(t.Table, t.Label, t.Role, Rows(before, t.Table), Rows(now, t.Table)))
            .Where(static t => t.Before is not null || t.Now is not null)];
    }

    private static long? Rows(RunView? run, string table) => run?.Steps.FirstOrDefault(s => s.Name == table)?.Rows;
}
