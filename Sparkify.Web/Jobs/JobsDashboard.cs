using Hangfire;
using Hangfire.Dashboard;
using Sparkify.Web.Api;

namespace Sparkify.Web.Jobs;

/// <summary>The job queue as its operators see it, at <c>/jobs</c>. It only shows: runs are steered where they are explained.</summary>
internal static class JobsDashboard
{
    private const string Path = "/jobs";

    // The list of style sheets is the whole process's: once is enough however many applications are in it.
    private static readonly Lazy<bool> Styled = new(static () =>
    {
        var assembly = typeof(JobsDashboard).Assembly;
        // Behind the sheet for the dark it stands once more, which would overrule it.
        GlobalConfiguration.Configuration
            .UseDashboardStylesheet(assembly, "Sparkify.Web.Jobs.jobs.css")
            .UseDashboardStylesheetDarkMode(assembly, "Sparkify.Web.Jobs.jobs.css");
        return true;
    });

    /// <summary>Maps it.</summary>
    public static WebApplication MapJobsDashboard(this WebApplication app)
    {
        _ = Styled.Value;
        // Not the variant "with no authorization filters": that one would take ours away, too.
        app.MapHangfireDashboard(Path, new DashboardOptions
        {
            Authorization = [new OperatorsOnly()],
            IsReadOnlyFunc = static _ => true,
            DashboardTitle = "Sparkify jobs",
            AppPath = "/runs",
            FaviconPath = "/favicon.svg",
            DisplayStorageConnectionString = false,
            StatsPollingInterval = 5000,
        });
        return app;
    }

    /// <summary>Who may look: until there are accounts, whoever sits at this machine.</summary>
    internal sealed class OperatorsOnly : IDashboardAuthorizationFilter
    {
        public bool Authorize(DashboardContext context) => LocalOnly.IsLocal(context.GetHttpContext());
    }
}
