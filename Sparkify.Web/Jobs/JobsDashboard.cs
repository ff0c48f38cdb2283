using Hangfire;
using Hangfire.Dashboard;
using Sparkify.Core.Access;
using Sparkify.Core.Common.Access;

namespace Sparkify.Web.Jobs;

/// <summary>The job queue as administrators see it, at <c>/jobs</c>. It only shows: runs are steered where they are explained.</summary>
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
            Authorization = [new AdministratorsOnly()],
            IsReadOnlyFunc = static _ => true,
            DashboardTitle = "Sparkify jobs",
            AppPath = "/runs",
            FaviconPath = "/favicon.svg",
            DisplayStorageConnectionString = false,
            StatsPollingInterval = 5000,
        }).RequireAuthorization(nameof(Right.Administer));
        return app;
    }

    /// <summary>Who may look: administrators.</summary>
    internal sealed class AdministratorsOnly : IDashboardAuthorizationFilter
    {
        public bool Authorize(DashboardContext context) => context.GetHttpContext().RequestServices
            .GetRequiredService<ICurrentActor>().Actor.Grants.MayEverywhere(Right.Administer);
    }
}
