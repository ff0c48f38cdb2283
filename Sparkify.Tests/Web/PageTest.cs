using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MudBlazor;
using Sparkify.Core.Access;
using Sparkify.Core.Aws;
using Sparkify.Core.Aws.Connections;
using Sparkify.Core.Chains;
using Sparkify.Core.Common;
using Sparkify.Core.Connect;
using Sparkify.Core.Notices;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Provisioning;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Reports;
using Sparkify.Core.Reports.Dashboards;
using Sparkify.Core.Reports.Queries;
using Sparkify.Core.Runs;
using Sparkify.Core.Schedules;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Explore;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;
using Sparkify.Core.Warehouses.Profiles;
using Sparkify.Tests.Fakes;
using Sparkify.Web;

namespace Sparkify.Tests.Web;

/// <summary>
/// A page rendered over fakes the test holds. Dialogs, menus and messages show up in the providers, which stand beside the page as in the
/// layout.
/// </summary>
public abstract class PageTest : BunitContext, IAsyncLifetime
{
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    protected PageTest()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddPageServices();
        Services.AddSingleton<ICurrentActor>(Who);
        Services.AddLogging(log => log.ClearProviders());
        Services.AddOptions<SparkifyOptions>();
        Services.AddSingleton<IRuns>(Runs);
        Services.AddSingleton<ISchedules>(Schedules);
        Services.AddSingleton<IChains>(Chains);
        Services.AddSingleton<ISavedReports>(Chains);
        Services.AddSingleton<IWarehouses>(Warehouses);
        Services.AddSingleton<IWarehousePlans>(Warehouses);
        Services.AddSingleton<IRedshift>(Redshift);
        Services.AddSingleton<IIdleWatch>(Redshift);
        Services.AddSingleton<IAwsConnections>(Connections);
        Services.AddSingleton<INotices>(Notices);
        Services.AddSingleton<IWarehousePasswords>(Passwords);
        Services.AddSingleton<IStorePassword>(Passwords);
        Services.AddSingleton<IConnect>(Connect);
        Services.AddSingleton<ISimulatedAws>(Redshift);
        Services.AddSingleton<ISources>(Sources);
        Services.AddSingleton<ITables>(Tables);
        Services.AddSingleton<ILoadRecords>(Tables);
        Services.AddSingleton<IStarVersions>(Tables);
        Services.AddSingleton<IReports>(Reports);
        Services.AddSingleton<IDashboards>(Dashboards);
        Services.AddSingleton<IQueries>(Queries);
        Services.AddSingleton<IQueryStore>(Queries);
        Services.AddSingleton<ISourceExplorer>(Explorer);
        Services.AddSingleton<ITableProfiles>(Explorer);
        Services.Configure<SnackbarConfiguration>(s => (s.ShowTransitionDuration, s.HideTransitionDuration) = (0, 0));
    }

    /// <summary>Where menus and lists to choose from show up.</summary>
    private protected IRenderedComponent<MudPopoverProvider> Popovers { get; private set; } = null!;

    /// <summary>Where questions show up.</summary>
    private protected IRenderedComponent<MudDialogProvider> Dialogs { get; private set; } = null!;

    /// <summary>Where passing messages show up.</summary>
    private protected IRenderedComponent<MudSnackbarProvider> Snackbars { get; private set; } = null!;

    Task IAsyncLifetime.InitializeAsync()
    {
        Popovers = Render<MudPopoverProvider>();
        Dialogs = Render<MudDialogProvider>();
        Snackbars = Render<MudSnackbarProvider>();
        return Task.CompletedTask;
    }

    // Some of MudBlazor's services can be disposed of asynchronously only.
    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    /// <summary>
    /// Does something to an element as soon as it is there. It has been done when this returns: an event that is sent from outside the
    /// renderer is only queued while that draws something else. Of several it is the one at a place, from 0.
    /// </summary>
    private protected static void On<T>(
        IRenderedComponent<T> cut, string selector, Action<IElement> act, string? text = null, int at = 0)
        where T : IComponent =>
        cut.WaitForAssertion(
            () => cut.InvokeAsync(() => act(cut.FindAll(selector).Where(e => text is null || e.TextContent.Trim() == text).ElementAt(at)))
                .GetAwaiter().GetResult(),
            Patience);

    /// <summary>The words an element shows, one blank between two.</summary>
    private protected static string Words(IElement element) =>
        string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Presses the button that says this.</summary>
    private protected static void Press<T>(IRenderedComponent<T> cut, string text)
        where T : IComponent => On(cut, "button", static b => b.Click(), text);

    private protected FakeActor Who { get; } = new();

    private protected FakeRuns Runs { get; } = new();

    private protected FakeChains Chains { get; } = new();

    private protected FakeSchedules Schedules { get; } = new();

    private protected FakeWarehouses Warehouses { get; } = new();

    private protected FakeRedshift Redshift { get; } = new();

    private protected FakeConnections Connections { get; } = new();

    private protected FakeNotices Notices { get; } = new();

    private protected FakePasswords Passwords { get; } = new();

    private protected FakeConnect Connect { get; } = new();

    private protected FakeSources Sources { get; } = new();

    private protected FakeTables Tables { get; } = new();

    private protected FakeReports Reports { get; } = new();

    private protected FakeDashboards Dashboards { get; } = new();

    private protected FakeQueries Queries { get; } = new();

    private protected FakeExplorer Explorer { get; } = new();
}
