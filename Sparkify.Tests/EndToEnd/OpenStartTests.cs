using System.Net;
using Sparkify.Tests.Support;
using Sparkify.Web;

namespace Sparkify.Tests.EndToEnd;

/// <summary>Listening beyond one's own machine: what is said at the start, and who is answered.</summary>
public sealed class OpenStartTests
{
    [Theory]
    [InlineData("http://localhost:5080", "localhost", false, 0)]
    [InlineData("http://127.0.0.1:5080;http://[::1]:5080", "localhost;127.0.0.1;[::1]", false, 0)]
    [InlineData("http://unix:/run/sparkify.sock", "localhost", false, 0)]
    [InlineData("http://0.0.0.0:5080", "warehouse.example.com", false, 1)]
    [InlineData("http://*:5080", "*", false, 1)]
    [InlineData("https://0.0.0.0:5443", "warehouse.example.com", false, 0)]
    [InlineData("https://0.0.0.0:5443", "localhost;127.0.0.1;[::1]", false, 1)]
    [InlineData("http://10.0.0.5:5080", "warehouse.example.com", true, 0)]
    [InlineData("http://localhost:5080", "localhost", true, 1)]
    [InlineData("http://[::]:5080", "localhost", false, 2)]
    public void Warnings_OfWhereItListens_AreWhatIsDangerousOrUseless(string addresses, string hosts, bool behindProxy, int count) =>
        Assert.Equal(count, NetworkWarnings.Of(addresses.Split(';'), hosts, behindProxy).Count());

    [Fact]
    public async Task Start_OpenToTheNetworkWithoutACertificate_WarnsLoudly_AndAnswersNothingButHealth()
    {
        await using var app = await AppProcess.StartAsync(arguments: ["--urls", "http://0.0.0.0:0"]);
        await app.ReadyLine.WaitAsync(TimeSpan.FromMinutes(3));
        Assert.Matches(@"(?m)^WARNING: http://0\.0\.0\.0:\d+ is open to the network and not encrypted", app.Output);
        Assert.Matches("(?m)^WARNING: only requests for localhost", app.Output);
        Assert.Contains("/first?code=", app.Output, StringComparison.Ordinal);

        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(app.Address.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)),
        };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/readyz")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("/api/v1/warehouses")).StatusCode);
        Assert.NotEqual(HttpStatusCode.OK, (await http.GetAsync("/")).StatusCode);
    }
}
