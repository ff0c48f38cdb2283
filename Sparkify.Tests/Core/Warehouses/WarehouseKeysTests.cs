using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Warehouses;

public sealed class WarehouseKeysTests
{
    [Fact]
    public void Newest_AddedByAnotherProcess_IsKnownAtOnce()
    {
        using var data = new TempFolder();
        var (one, other) = (Keys(data), Keys(data));
        var first = one.Newest;
        Assert.Equal(first, other.Newest);

        other.Add();

        Assert.NotEqual(first, one.Newest);
        Assert.Equal(other.Newest, one.Newest);
        Assert.Equal(other.Find(other.Newest), one.Find(one.Newest));
    }

    private static WarehouseKeys Keys(TempFolder data) => new(Options.Create(new SparkifyOptions { DataDirectory = data.Path }));
}
