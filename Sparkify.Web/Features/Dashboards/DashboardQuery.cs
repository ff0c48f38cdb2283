using Microsoft.AspNetCore.WebUtilities;
using Sparkify.Core.Reports;
using Sparkify.Core.Reports.Dashboards;
using Sparkify.Web.Features.Reports;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Dashboards;

/// <summary>A dashboard with its one set of filters, as they stand in the address.</summary>
/// <param name="Id">The dashboard's id.</param>
/// <param name="Warehouse">Where its reports are asked; none for the one loaded last.</param>
/// <param name="Days">Which days they are about.</param>
/// <param name="Level">Whose plays: a level, or none for all.</param>
public sealed record DashboardQuery(string Id, string? Warehouse, DaysChosen Days, string? Level = null)
{
    private const string LevelName = "level";

    /// <summary>Reads it from an address.</summary>
    public static DashboardQuery From(string id, string uri)
    {
        var words = QueryHelpers.ParseQuery(new Uri(uri).Query);
        return new DashboardQuery(id, Word("warehouse"), DaysChosen.Read(Word("from"), Word("to"), Word("last")), Word(LevelName));

        string? Word(string name) => Url.Word(words, name);
    }

    /// <summary>The parameter that chooses a level, where a report takes it.</summary>
    public static ReportParameter? LevelOf(ReportInfo? report) => report?.Parameters.FirstOrDefault(static p => p.Name == LevelName);

    /// <summary>The address that shows this.</summary>
    public string ToUrl() => Url.With(
        DashboardShelf.Address(Id, null), [("warehouse", Warehouse), .. Days.Words, (LevelName, Level)]);

    /// <summary>The question of one tile: its own parameters, and over them the filters that its report takes.</summary>
    public ReportQuery Ask(ReportInfo report, DashboardTile tile, string warehouse)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(tile);
        var query = new ReportQuery(report.Id, warehouse, tile.Parameters, null, 1);
        query = Level is not null && LevelOf(report) is not null ? query.With(LevelName, Level) : query;
        return report.TakesDays && Days != DaysChosen.All ? query.About(Days) : query;
    }
}
