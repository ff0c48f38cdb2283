using System.Net;
using System.Net.Sockets;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

public sealed class StartTests
{
    [Theory]
    [InlineData("--urls", "http://127.0.0.1:{0}")]
    [InlineData("--urls", "http://127.0.0.1:0;http://localhost:{0}")]
    [InlineData("--Kestrel:Endpoints:Own:Url", "http://*:{0}")]
    public async Task Start_APortInUse_IsSaidBeforeAnythingIsMade(string option, string address)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = string.Format(address, ((IPEndPoint)other.LocalEndpoint).Port);
        using var folder = new TempFolder();
        var data = Path.Combine(folder.Path, "data");

        var (code, said) = await AppProcess.RefusedAsync(option, taken, "--Sparkify:DataDirectory", data);

        Assert.Equal(1, code);
        Assert.StartsWith($"Sparkify cannot start. Something answers at {taken.Split(';')[^1]} already", said);
        Assert.False(Path.Exists(data), "The data folder was made.");
    }

    [Fact]
    public async Task Start_AnAddressThatIsNone_IsSaidBeforeAnythingIsMade()
    {
        using var folder = new TempFolder();
        var data = Path.Combine(folder.Path, "data");

        var (code, said) = await AppProcess.RefusedAsync("--urls", "localhost", "--Sparkify:DataDirectory", data);

        Assert.Equal(1, code);
        Assert.StartsWith("Sparkify cannot start. The address 'localhost' is none to listen at.", said);
        Assert.False(Path.Exists(data), "The data folder was made.");
    }

    [Fact]
    public async Task Start_Ready_SaysWhereItReallyListens()
    {
        await using var app = await AppProcess.StartAsync();

        Assert.Equal($"Sparkify is ready: {app.Address}", await app.ReadyLine.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.NotEqual(0, new Uri(app.Address).Port);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/readyz")).StatusCode);
    }
}
