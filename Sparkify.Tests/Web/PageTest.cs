using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Web;

namespace Sparkify.Tests.Web;

/// <summary>A page rendered over fakes the test holds.</summary>
public abstract class PageTest : BunitContext
{
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    protected PageTest()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddPageServices();
        Services.AddLogging(log => log.ClearProviders());
        Services.AddOptions<SparkifyOptions>();
        Services.AddSingleton<IRuns>(Runs);
        Services.AddSingleton<IWarehouses>(Warehouses);
        Services.AddSingleton<IWarehousePlans>(Warehouses);
        Services.AddSingleton<IRedshift>(Redshift);
        Services.AddSingleton<IIdleWatch>(Redshift);
        Services.AddSingleton<ISimulatedAws>(Redshift);
        Services.AddSingleton<ISources>(Sources);
        Services.AddSingleton<ITables>(Tables);
        Services.AddSingleton<ILoadRecords>(Tables);
    }

    private protected FakeRuns Runs { get; } = new();

    private protected FakeWarehouses Warehouses { get; } = new();

    private protected FakeRedshift Redshift { get; } = new();

    private protected FakeSources Sources { get; } = new();

    private protected FakeTables Tables { get; } = new();
}
