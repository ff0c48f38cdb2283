namespace Sparkify.Core.Reports;

/// <summary>Every report there is a class of, by group and title.</summary>
internal static class ReportCatalog
{
    public static IReadOnlyList<Report> All { get; } =
    [
        .. from type in typeof(Report).Assembly.GetTypes()
           where type.IsSubclassOf(typeof(Report))
           let report = (Report)Activator.CreateInstance(type)!
           orderby report.Info.Group, report.Info.Title
           select report,
    ];
}
