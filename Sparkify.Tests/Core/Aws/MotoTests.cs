using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Amazon.Runtime;
using Sparkify.Core.Aws;
using Sparkify.Core.Aws.Wire;
using Sparkify.Tests.Simulator;

namespace Sparkify.Tests.Core.Aws;

/// <summary>Our clients against a third party's idea of AWS, which checks our signatures with botocore's own signer.</summary>
public sealed class MotoTests
{
    private const string Policy = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}""";
    private const string Trust = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"redshift.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Dictionary<string, string> Tags = new(StringComparer.Ordinal) { ["sparkify:warehouse"] = "w" };

    [PythonFact("moto.server")]
    public async Task The_flow_passes_with_signatures_checked()
    {
        await using var moto = await MotoServer.StartAsync();
        var (key, secret) = await moto.CheckSignaturesAsync();
        using var door = new AwsTestDoor(moto.Url, "us-west-2", key, secret, retries: 1);
        var aws = door.Clients;

        Assert.Contains("user/checked", (await aws.Sts.WhoAmIAsync(None)).Arn, StringComparison.Ordinal);
        var role = await aws.Iam.CreateRoleAsync(new NewRole("r", Trust, "a role", Tags), None);
        await aws.Iam.PutRolePolicyAsync("r", "read", Policy, None);
        Assert.Equal("w", (await aws.Iam.RoleTagsAsync("r", None))["sparkify:warehouse"]);
        var vpc = (await aws.Ec2.ListVpcsAsync(None)).Single(v => v.IsDefault);
        var group = await aws.Ec2.CreateSecurityGroupAsync(new NewSecurityGroup("g", "a group", vpc.Id, Tags), None);
        await aws.Ec2.AuthorizeIngressAsync(group, new IngressRule("tcp", 5439, 5439, "203.0.113.7/32", "me"), None);
        Assert.Equal("203.0.113.7/32", Assert.Single((await aws.Ec2.FindSecurityGroupAsync(vpc.Id, "g", None))!.Ingress).Source);
        await aws.Redshift.CreateClusterAsync(new NewCluster
        {
            Id = "c",
            NodeType = "ra3.large",
            Nodes = 1,
            Database = "dev",
            MasterUser = "admin",
            SecurityGroups = [group],
            Roles = [role.Arn],
            Tags = Tags,
        }, None);
        var cluster = await aws.Redshift.FindClusterAsync("c", None);
        Assert.Equal(("available", 5439), (cluster!.Status, cluster.Port));
        await aws.Redshift.DeleteClusterAsync("c", new FinalSnapshot("last", 7), None);
        Assert.Null(await aws.Redshift.FindClusterAsync("c", None));
        Assert.Equal("last", Assert.Single(await aws.Redshift.ListSnapshotsAsync(null, None)).Id);
        await aws.Redshift.DeleteSnapshotAsync("last", None);
        await aws.Ec2.DeleteSecurityGroupAsync(group, None);
        await aws.Iam.DeleteRolePolicyAsync("r", "read", None);
        await aws.Iam.DeleteRoleAsync("r", None);
        Assert.Null(await aws.Iam.FindRoleAsync("r", None));
        Assert.Empty(await aws.S3.ListBucketsAsync(None));

        // What moto does not know it answers with a web page and status 500.
        var html = await Assert.ThrowsAsync<AwsException>(() => aws.Redshift.ListOrderableAsync(None));
        Assert.Equal(AwsFault.Transient, html.Fault);
        Assert.DoesNotContain("<", html.Message, StringComparison.Ordinal);

        using var wrong = new AwsTestDoor(moto.Url, "us-west-2", key, "wrong", retries: 0);
        Assert.Equal(AwsFault.Credentials, (await Assert.ThrowsAsync<AwsException>(() => wrong.Clients.Iam.ListRolesAsync(null, None))).Fault);
        Assert.Equal(AwsFault.Credentials, (await Assert.ThrowsAsync<AwsException>(() => wrong.Clients.Redshift.ListClustersAsync(null, null, None))).Fault);
    }

    private sealed class MotoServer(Process process, Uri url) : IAsyncDisposable
    {
        public Uri Url { get; } = url;

        public static async Task<MotoServer> StartAsync()
        {
            var port = FreePort();
            // Its standard streams are left alone: nobody would read them, and a full pipe would stop it.
            var info = new ProcessStartInfo("python3", ["-m", "moto.server", "-H", "127.0.0.1", "-p", $"{port}"]) { UseShellExecute = false };
            info.Environment["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true";
            var moto = new MotoServer(Process.Start(info)!, new Uri($"http://127.0.0.1:{port}/"));
            await moto.AnswersAsync();
            return moto;
        }

        /// <summary>Makes a user who may do everything, and has every signature checked from then on.</summary>
        public async Task<(string Key, string Secret)> CheckSignaturesAsync()
        {
            var config = new AwsWireConfig(AwsService.Iam) { ServiceURL = Url.ToString(), AuthenticationRegion = "us-east-1" };
            using var iam = new AwsWireClient(config, new BasicAWSCredentials("any", "any"));
            await iam.QueryAsync("CreateUser", new QueryParameters().Add("UserName", "checked"), None);
            await iam.QueryAsync("AttachUserPolicy", new QueryParameters().Add("UserName", "checked").Add("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess"), None);
            var key = (await iam.QueryAsync("CreateAccessKey", new QueryParameters().Add("UserName", "checked"), None)).Element("AccessKey")!;
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
}
