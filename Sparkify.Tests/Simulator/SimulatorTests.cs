using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Sparkify.Core.Aws;
using Sparkify.Simulator;
using Sparkify.Simulator.Signing;
using Sparkify.Tests.Core.Aws;

namespace Sparkify.Tests.Simulator;

/// <summary>The simulator as an opponent: it takes its time, refuses what AWS refuses, and misbehaves when asked to.</summary>
public sealed class SimulatorTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly NewCluster Cluster =
        new() { Id = "c", NodeType = "ra3.large", Nodes = 1, Database = "dev", MasterUser = "admin" };

    [Fact]
    public async Task A_cluster_takes_its_time_at_every_turn()
    {
        var clock = new FakeTimeProvider();
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Clock = clock });
        using var door = AwsTestClients.To(simulator);
        var aws = door.Clients;
        var group = await aws.Ec2.CreateSecurityGroupAsync(
            new NewSecurityGroup("g", "g", (await aws.Ec2.ListVpcsAsync(None))[0].Id, new Dictionary<string, string>()), None);
        await aws.Redshift.CreateClusterAsync(Cluster with { SecurityGroups = [group] }, None);
        Assert.Equal(("creating", null), await StatusAsync(aws));
        Assert.Equal("InvalidClusterState", await CodeAsync(() => aws.Redshift.DeleteClusterAsync("c", null, None)));
        clock.Advance(simulator.Options.Delays.Creating);
        Assert.Equal(("available", 5439), await StatusAsync(aws));

        await aws.Redshift.PauseClusterAsync("c", None);
        Assert.Equal("pausing", (await StatusAsync(aws)).Status);
        Assert.Equal("InvalidClusterState", await CodeAsync(() => aws.Redshift.ResumeClusterAsync("c", None)));
        clock.Advance(simulator.Options.Delays.Pausing);
        Assert.Equal("paused", (await StatusAsync(aws)).Status);
        await aws.Redshift.ResumeClusterAsync("c", None);
        clock.Advance(simulator.Options.Delays.Resuming);

        await aws.Redshift.DeleteClusterAsync("c", new FinalSnapshot("last", 1), None);
        Assert.Equal("final-snapshot", (await StatusAsync(aws)).Status);
        clock.Advance(simulator.Options.Delays.FinalSnapshot);
        Assert.Equal("deleting", (await StatusAsync(aws)).Status);
        clock.Advance(simulator.Options.Delays.Deleting);
        Assert.Null(await aws.Redshift.FindClusterAsync("c", None));
        Assert.Equal("DependencyViolation", await CodeAsync(() => aws.Ec2.DeleteSecurityGroupAsync(group, None)));
        Assert.Single(await aws.Ec2.ListInterfacesAsync(group, None));
        clock.Advance(simulator.Options.Delays.InterfaceLinger);
        await aws.Ec2.DeleteSecurityGroupAsync(group, None);
    }

    [Fact]
    public async Task A_slow_role_capacity_and_blinking_are_played_on_request()
    {
        var clock = new FakeTimeProvider();
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Clock = clock, Delays = SimulatorDelays.None });
        using var door = AwsTestClients.To(simulator);
        var aws = door.Clients;
        simulator.Faults.SlowRole = TimeSpan.FromSeconds(20);
        simulator.Faults.Blinks = 2;
        const string Trust = """{"Statement":[{"Principal":{"Service":["redshift.amazonaws.com"]}}]}""";
        var role = await aws.Iam.CreateRoleAsync(new NewRole("r", Trust, "", new Dictionary<string, string>()), None);
        Assert.Equal(
            "InvalidParameterValue", await CodeAsync(() => aws.Redshift.CreateClusterAsync(Cluster with { Roles = [role.Arn] }, None)));
        clock.Advance(TimeSpan.FromSeconds(20));
        simulator.Faults.RefuseCapacity();
        Assert.Equal("InsufficientClusterCapacity", await CodeAsync(
            () => aws.Redshift.CreateClusterAsync(Cluster with { Roles = [role.Arn] }, None)));
        await aws.Redshift.CreateClusterAsync(Cluster with { Roles = [role.Arn] }, None);
        var seen = new List<string>();
        foreach (var _ in Enumerable.Range(0, 5))
        {
            seen.Add((await StatusAsync(aws)).Status);
        }

        Assert.Equal(["available", "modifying", "modifying", "available", "available"], seen);
    }

    [Fact]
    public async Task Quotas_end_somewhere()
    {
        await using var simulator = await SimulatorServer.StartAsync(
            new SimulatorOptions { Quotas = new SimulatorQuotas { Clusters = 1, Roles = 1, SecurityGroups = 2 } });
        using var door = AwsTestClients.To(simulator);
        var aws = door.Clients;
        var vpc = (await aws.Ec2.ListVpcsAsync(None))[0].Id;
        await aws.Redshift.CreateClusterAsync(Cluster, None);
        await aws.Iam.CreateRoleAsync(new NewRole("r", """{"Statement":[]}""", "", new Dictionary<string, string>()), None);
        await aws.Ec2.CreateSecurityGroupAsync(new NewSecurityGroup("g", "g", vpc, new Dictionary<string, string>()), None);
        Assert.Equal("ClusterQuotaExceeded", await CodeAsync(() => aws.Redshift.CreateClusterAsync(Cluster with { Id = "d" }, None)));
        Assert.Equal("LimitExceeded", await CodeAsync(() => aws.Iam.CreateRoleAsync(new NewRole("s", """{"Statement":[]}""", "", new Dictionary<string, string>()), None)));
        Assert.Equal("SecurityGroupLimitExceeded", await CodeAsync(
            () => aws.Ec2.CreateSecurityGroupAsync(new NewSecurityGroup("h", "h", vpc, new Dictionary<string, string>()), None)));
    }

    [Fact]
    public async Task Of_many_creates_at_once_one_wins()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        using var door = AwsTestClients.To(simulator);
        var aws = door.Clients;
        var codes = await Task.WhenAll(Enumerable.Range(0, 24)
            .Select(_ => CodeAsync(() => aws.Redshift.CreateClusterAsync(Cluster, None))));
        Assert.Single(codes, c => c is null);
        Assert.Equal(23, codes.Count(c => c == "ClusterAlreadyExists"));
    }

    [Fact]
    public async Task Regions_are_worlds_of_their_own()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        using var door = AwsTestClients.To(simulator);
        await door.Clients.Redshift.CreateClusterAsync(Cluster, None);
        var west = await door.Aws.ForAsync(new AwsPlace("eu-west-1", Simulated: true), None);
        Assert.Empty(await west.Redshift.ListClustersAsync(null, null, None));
    }

    [Fact]
    public async Task An_unsigned_request_and_an_ended_login_are_refused()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        using var http = new HttpClient { BaseAddress = simulator.Url };
        using var form = new FormUrlEncodedContent([new("Action", "ListRoles"), new("Version", "2010-05-08")]);
        using var answer = await http.PostAsync("/", form);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("MissingAuthenticationToken", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        simulator.AddKey("TEMPORARY", "s", token: "t", expiresAt: TimeProvider.System.GetUtcNow().AddMinutes(-1));
        using var door = new AwsTestClients(simulator.Url, "us-west-2", "TEMPORARY", "s");
        // Without its token a temporary key is nobody's.
        Assert.Equal("InvalidClientTokenId", await CodeAsync(() => door.Clients.Sts.WhoAmIAsync(None)));
    }

    [Theory]
    [InlineData("x-amz-date", "20200101T000000Z", "InvalidSignatureException")]
    [InlineData("x-amz-target", "secretsmanager.GetSecretValue", "InvalidSignatureException")]
    [InlineData("authorization", "AWS4-HMAC-SHA256 Credential=nonsense", "MissingAuthenticationTokenException")]
    public async Task A_request_changed_on_the_way_is_refused(string header, string value, string code)
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        using var http = new HttpClient(new Tampering(header, value)) { BaseAddress = simulator.Url };
        using var answer = await http.SendAsync(TestSigner.Sign(simulator, "secretsmanager", "secretsmanager.ListSecrets", "{}"));
        Assert.False(answer.IsSuccessStatusCode);
        Assert.Contains(code, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var honest = new HttpClient { BaseAddress = simulator.Url };
        using var accepted = await honest.SendAsync(TestSigner.Sign(simulator, "secretsmanager", "secretsmanager.ListSecrets", "{}"));
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
    }

    [Fact]
    public void A_changed_piece_of_a_streamed_upload_is_refused()
    {
        var body = Encoding.ASCII.GetBytes(
            $"3;chunk-signature={new string('0', 64)}\r\nabc\r\n0;chunk-signature={new string('0', 64)}\r\n\r\n");
        Assert.Throws<AwsErrorException>(() => new ChunkedBody(new byte[32], "20260105T080000Z", "scope", "seed")
            .Decode(body, ChunkedBody.Signed));
        var unsigned = "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"u8.ToArray();
        Assert.Equal("abc"u8.ToArray(), new ChunkedBody(new byte[32], "20260105T080000Z", "scope", "seed")
            .Decode(unsigned, ChunkedBody.UnsignedTrailer));
        Assert.Throws<AwsErrorException>(() => new ChunkedBody(new byte[32], "m", "s", "p")
            .Decode("9999\r\nabc"u8.ToArray(), ChunkedBody.UnsignedTrailer));
    }

    [Fact]
    public async Task Its_controls_set_faults_show_state_and_start_over()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        using var door = AwsTestClients.To(simulator, retries: 0);
        using var http = new HttpClient { BaseAddress = simulator.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", simulator.Options.ControlToken);
        await door.Clients.Redshift.CreateClusterAsync(Cluster, None);
        using var set = await http.PostAsJsonAsync("/_simulator/faults", new { throttleShare = 1.0, blinks = 3 });
        Assert.Equal(HttpStatusCode.NoContent, set.StatusCode);
        Assert.Equal("Throttling", await CodeAsync(() => door.Clients.Redshift.ListClustersAsync(null, null, None)));
        using var wrong = await http.PostAsJsonAsync("/_simulator/faults", new { throttleShare = 2.0 });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("\"status\":\"creating\"", await http.GetStringAsync("/_simulator/state"), StringComparison.Ordinal);
        Assert.Contains("CreateCluster", await http.GetStringAsync("/_simulator/calls"), StringComparison.Ordinal);
        using var reset = await http.PostAsync("/_simulator/reset", null);
        Assert.Empty(await door.Clients.Redshift.ListClustersAsync(null, null, None));
    }

    [Theory]
    [InlineData(null, null, null, HttpStatusCode.Unauthorized)]
    [InlineData("wrong", null, null, HttpStatusCode.Unauthorized)]
    [InlineData("t0ken", "rebound.example", null, HttpStatusCode.Forbidden)]
    [InlineData("t0ken", null, "https://elsewhere.example", HttpStatusCode.Forbidden)]
    [InlineData("t0ken", null, "null", HttpStatusCode.Forbidden)]
    [InlineData("t0ken", "localhost", null, HttpStatusCode.OK)]
    [InlineData("t0ken", null, null, HttpStatusCode.OK)]
    public async Task Its_controls_are_for_who_has_the_token_and_not_for_pages(
        string? token, string? host, string? origin, HttpStatusCode answer)
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { ControlToken = "t0ken" });
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(simulator.Url, "/_simulator/state"));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Host = host is null ? null : $"{host}:{simulator.Url.Port}";
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var said = await http.SendAsync(request);
        Assert.Equal(answer, said.StatusCode);
        var body = await said.Content.ReadAsStringAsync();
        Assert.Equal(answer == HttpStatusCode.OK, body.Contains("\"regions\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("redshift-data", "RedshiftData.ExecuteStatement", "UnknownOperationException")]
    [InlineData("redshift-serverless", "RedshiftServerless.ListWorkgroups", "UnknownOperationException")]
    [InlineData("secretsmanager", "secretsmanager.PutSecretValue", "UnknownOperationException")]
    [InlineData("kms", "TrentService.Nonsense", "AccessDeniedException")]
    public async Task Services_that_speak_json_are_answered_in_json(string service, string target, string code)
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        simulator.Faults.Deny("Nonsense");
        using var http = new HttpClient();
        using var answer = await http.SendAsync(TestSigner.Sign(simulator, service, target, "{}"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/x-amz-json-1.1", answer.Content.Headers.ContentType!.MediaType);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(code, body.RootElement.GetProperty("__type").GetString());
    }

    private static async Task<(string Status, int? Port)> StatusAsync(AwsClients aws)
    {
        var cluster = (await aws.Redshift.FindClusterAsync("c", None))!;
        return (cluster.Status, cluster.Port);
    }

    private static async Task<string?> CodeAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (AwsException e)
        {
            return e.Code;
        }
    }

    private sealed class Tampering(string header, string value) : DelegatingHandler(new HttpClientHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Remove(header);
            request.Headers.TryAddWithoutValidation(header, value);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
