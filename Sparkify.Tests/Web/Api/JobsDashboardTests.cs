using System.Net;
using Hangfire;
using Hangfire.Dashboard;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Access;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Tests.Core.Runs;
using Sparkify.Tests.Fakes;
using Sparkify.Tests.Support;
using Sparkify.Web.Jobs;

namespace Sparkify.Tests.Web.Api;

public sealed class JobsDashboardTests
{
    [Fact]
    public async Task Dashboard_OnThisMachine_NamesTheJobsAndOnlyShows()
    {
        await using var app = await RunsApp.StartAsync(new FakeRun(FakeRun.Step("one")));
        var run = await app.RunToItsEndAsync();
        var jobs = await Eventually.BecomesAsync(
            () =>
                app.App.Http.GetStringAsync("/jobs/jobs/succeeded"), page =>
                    page.Contains($"Pause {app.Warehouse}, run {run.Id}", StringComparison.Ordinal));

        Assert.Contains("<title>", jobs);
        Assert.Contains("Sparkify jobs", jobs);
        Assert.Contains("href=\"/favicon.svg\"", jobs);
        Assert.Contains("href=\"/runs\"", jobs);
        // Nothing can be deleted or queued again from here.
        Assert.DoesNotContain("data-confirm", jobs);
        using var delete = await app.App.Http.PostAsync("/jobs/jobs/actions/delete/1", new FormUrlEncodedContent([]));
        Assert.False(delete.IsSuccessStatusCode, $"{delete.StatusCode}");
        Assert.Contains("recover-runs", await app.App.Http.GetStringAsync("/jobs/recurring"));
        Assert.Contains("idle-guard", await app.App.Http.GetStringAsync("/jobs/recurring"));
        var styles = await app.App.Http.GetStringAsync("/jobs/css-dark0");
        Assert.DoesNotContain("Host=", await app.App.Http.GetStringAsync("/jobs"));
        Assert.NotEmpty(styles);
    }

    [Theory]
    [InlineData("203.0.113.5")]
    [InlineData("::ffff:203.0.113.5")]
    [InlineData("2001:db8::1")]
    public async Task Dashboard_FromAnotherMachine_IsRefused(string address)
    {
        await using var app = await TestApp.StartAsync(
            before: builder => builder.Services.AddSingleton<IStartupFilter>(new Remote(IPAddress.Parse(address))));

        foreach (var path in new[] { "/jobs", "/jobs/jobs/enqueued", "/jobs/recurring", "/jobs/stats" })
        {
            using var answer = await app.Http.GetAsync(path);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }

        // By its own filter, whatever stands before it.
        Assert.All(Enum.GetValues<Role>(), role => Assert.Equal(role == Role.Admin, Allows([new Grant(role)], app.Services)));
        Assert.False(Allows([], app.Services));
        Assert.True(Allows(Actor.LocalAdministrator.Grants.All, app.Services));
    }

    private static bool Allows(IReadOnlyList<Grant> grants, IServiceProvider services)
    {
        var who = new FakeActor { Actor = new Actor("ann") { Grants = new(grants) } };
        var own = new ServiceCollection().AddSingleton<ICurrentActor>(who).BuildServiceProvider();
        var http = new DefaultHttpContext { RequestServices = own };
        return new JobsDashboard.AdministratorsOnly().Authorize(
            new AspNetCoreDashboardContext(services.GetRequiredService<JobStorage>(), new DashboardOptions(), http));
    }

    private sealed class Remote(IPAddress address) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, then) =>
            {
                context.Connection.RemoteIpAddress = address;
                return then(context);
            });
            next(app);
        };
    }
}
