using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Tests.Support;
using Sparkify.Web;

namespace Sparkify.Tests.Web;

public sealed class SecretBoxTests
{
    [Fact]
    public async Task Renew_SeveralAtOnceInTwoProcesses_EachGoesOnWithANewKey()
    {
        using var folder = new TempFolder();
        await using var one = Services(folder);
        await using var other = Services(folder);
        var boxes = new[] { one.GetRequiredService<SecretBox>(), other.GetRequiredService<SecretBox>() };
        var before = boxes[0].Close("a purpose", "a secret");
        var since = boxes[0].KeySince;

        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => boxes[i % 2].RenewAsync(CancellationToken.None)));

        Assert.All(boxes, box => Assert.True(box.KeySince > since));
        Assert.Equal("a secret", boxes[0].Open("a purpose", before));
        Assert.Equal("a secret", boxes[1].Open("a purpose", before));
    }

    private static ServiceProvider Services(TempFolder folder)
    {
        var services = new ServiceCollection();
        services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo(folder.Path));
        return services.AddSingleton(TimeProvider.System).AddSingleton<SecretBox>().BuildServiceProvider();
    }
}
