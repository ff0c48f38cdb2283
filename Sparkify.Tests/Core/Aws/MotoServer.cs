using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Amazon.Runtime;
using Sparkify.Core.Aws.Wire;

namespace Sparkify.Tests.Core.Aws;

/// <summary>A third party's AWS, started as a program of its own.</summary>
internal sealed class MotoServer(Process process, Uri url) : IAsyncDisposable
{
    public Uri Url { get; } = url;

    public static async Task<MotoServer> StartAsync()
    {
        var port = FreePort();
        var info = new ProcessStartInfo("python3", ["-m", "moto.server", "-H", "127.0.0.1", "-p", $"{port}"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true";
        var process = Process.Start(info)!;
        // A line for every request it answers would bury what the tests say; unread, a full pipe would stop it.
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var moto = new MotoServer(process, new Uri($"http://127.0.0.1:{port}/"));
        await moto.AnswersAsync();
        return moto;
    }

    /// <summary>Makes a user who may do everything, and has every signature checked from then on.</summary>
    public async Task<(string Key, string Secret)> CheckSignaturesAsync()
    {
        var config = new AwsWireConfig(AwsService.Iam) { ServiceURL = Url.ToString(), AuthenticationRegion = "us-east-1" };
        using var iam = new AwsWireClient(config, new BasicAWSCredentials("any", "any"));
        await iam.QueryAsync("CreateUser", new QueryParameters().Add("UserName", "checked"), CancellationToken.None);
        await iam.QueryAsync("AttachUserPolicy", new QueryParameters().Add("UserName", "checked")
            .Add("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess"), CancellationToken.None);
        var key = (await iam.QueryAsync("CreateAccessKey", new QueryParameters().Add("UserName", "checked"), CancellationToken.None))
            .Element("AccessKey")!;
        using var http = new HttpClient();
        using var zero = new StringContent("0", Encoding.UTF8, "text/plain");
        (await http.PostAsync(new Uri(Url, "moto-api/reset-auth"), zero)).EnsureSuccessStatusCode();
        return (key.Text("AccessKeyId")!, key.Text("SecretAccessKey")!);
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task AnswersAsync()
    {
        using var http = new HttpClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(45));
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(Url, "moto-api/"), limit.Token);
                return;
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
            }
        }
    }
}
