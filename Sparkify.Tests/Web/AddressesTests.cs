using Sparkify.Web;

namespace Sparkify.Tests.Web;

public sealed class AddressesTests
{
    [Theory]
    [InlineData("http://localhost:5080", "http://localhost:5080")]
    [InlineData("http://[::]:5080", "http://localhost:5080")]
    [InlineData("https://0.0.0.0:443", "https://localhost")]
    [InlineData("http://[::1]:80", "http://[::1]:80")]
    public void ToOpen_AnAddress_IsOneABrowserTakes(string bound, string open) => Assert.Equal(open, Addresses.ToOpen(bound));
}
