using System.Net;
using System.Net.Sockets;
using Sparkify.Core.Aws;
using Sparkify.Simulator;

namespace Sparkify.Tests.Core.Aws;

/// <summary>What goes wrong on the way to AWS, and what a person gets to read about it.</summary>
public sealed class AwsFaultsTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private SimulatorServer _simulator = null!;

    public async Task InitializeAsync() =>
        _simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Delays = SimulatorDelays.None });

    public async Task DisposeAsync() => await _simulator.DisposeAsync();

    [Fact]
    public async Task Throttling_of_a_third_of_the_calls_is_sat_out()
    {
        using var door = AwsTestClients.To(_simulator);
        _simulator.Faults.ThrottleShare = 0.3;
        foreach (var _ in Enumerable.Range(0, 30))
        {
            await door.Clients.Ec2.ListVpcsAsync(None);
            await door.Clients.Redshift.ListClustersAsync(null, null, None);
            await door.Clients.Iam.ListRolesAsync(null, None);
        }

        Assert.Contains(_simulator.Calls, c => c.Code == "Throttling");
        Assert.Contains(_simulator.Calls, c => c.Code == "RequestLimitExceeded");
    }

    [Fact]
    public async Task Errors_of_the_service_are_sat_out_and_then_told()
    {
        using var door = AwsTestClients.To(_simulator, retries: 2);
        _simulator.Faults.ErrorShare = 1;
        var error = await Assert.ThrowsAsync<AwsException>(() => door.Clients.Redshift.ListClustersAsync(null, null, None));
        Assert.Equal(
            (AwsFault.Transient, "InternalFailure", "Redshift", "DescribeClusters"),
            (error.Fault, error.Code, error.Service, error.Operation));
        Assert.NotNull(error.RequestId);
        Assert.Equal(3, _simulator.Calls.Count);

        _simulator.Faults.HtmlErrors = true;
        var html = await Assert.ThrowsAsync<AwsException>(() => door.Clients.Iam.FindRoleAsync("r", None));
        Assert.Equal(AwsFault.Transient, html.Fault);
        Assert.DoesNotContain("<", html.Message, StringComparison.Ordinal);
        Assert.Contains("HTTP 500", html.Message, StringComparison.Ordinal);
        var theirs = await Assert.ThrowsAsync<AwsException>(() => door.Clients.Ec2.ListVpcsAsync(None));
        Assert.Equal((AwsFault.Transient, "EC2", "DescribeVpcs"), (theirs.Fault, theirs.Service, theirs.Operation));
        Assert.DoesNotContain("<", theirs.Message, StringComparison.Ordinal);
        Assert.Contains("HTTP 500", theirs.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ec2_is_tried_as_often_as_the_others_and_names_its_trouble()
    {
        using var door = AwsTestClients.To(_simulator, retries: 2);
        _simulator.Faults.ErrorShare = 1;
        var error = await Assert.ThrowsAsync<AwsException>(() => door.Clients.Ec2.ListVpcsAsync(None));
        Assert.Equal((AwsFault.Transient, "EC2", "DescribeVpcs", 3), (error.Fault, error.Service, error.Operation, _simulator.Calls.Count));
        Assert.NotNull(error.Code);
        Assert.NotNull(error.RequestId);
    }

    [Theory]
    [InlineData(DropMoment.BeforeEffect)]
    [InlineData(DropMoment.AfterEffect)]
    public async Task A_cut_connection_ends_in_a_sentence_or_is_tried_again(DropMoment moment)
    {
        using var door = AwsTestClients.To(_simulator, retries: 1);
        _simulator.Faults.DropNext("DescribeVpcs", moment);
        Assert.NotEmpty(await door.Clients.Ec2.ListVpcsAsync(None));

        _simulator.Faults.DropNext("DescribeVpcs", moment, times: 100);
        var error = await Assert.ThrowsAsync<AwsException>(() => door.Clients.Ec2.ListVpcsAsync(None));
        Assert.Equal(AwsFault.Unreachable, error.Fault);
    }

    [Fact]
    public async Task A_create_whose_answer_was_lost_is_a_conflict_at_the_next_try()
    {
        using var door = AwsTestClients.To(_simulator);
        _simulator.Faults.DropNext("CreateRole", DropMoment.AfterEffect);
        var trust = """{"Statement":[]}""";
        var error = await Assert.ThrowsAsync<AwsException>(
            () => door.Clients.Iam.CreateRoleAsync(new NewRole("r", trust, "", new Dictionary<string, string>()), None));
        Assert.Equal((AwsFault.Conflict, "EntityAlreadyExists"), (error.Fault, error.Code));
        Assert.NotNull(await door.Clients.Iam.FindRoleAsync("r", None));
    }

    [Fact]
    public async Task A_wrong_secret_is_refused_by_every_service_and_never_shown()
    {
        const string Secret = "wrong-secret-7Qx0";
        using var door = AwsTestClients.To(_simulator, Secret);
        foreach (var (name, call) in EveryService(door.Clients))
        {
            var error = await Assert.ThrowsAsync<AwsException>(call);
            Assert.True(error.Fault == AwsFault.Credentials, $"{name}: {error.Fault} {error.Code}");
            Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(Secret, door.Logs.All, StringComparison.Ordinal);
        Assert.NotEmpty(door.Logs.All);
    }

    [Fact]
    public async Task An_unknown_key_is_refused_by_every_service()
    {
        using var door = new AwsTestClients(_simulator.Url, "us-west-2", "NOSUCHKEY", "any");
        foreach (var (name, call) in EveryService(door.Clients))
        {
            var error = await Assert.ThrowsAsync<AwsException>(call);
            Assert.True(error.Fault == AwsFault.Credentials, $"{name}: {error.Fault} {error.Code}");
        }
    }

    [Theory]
    [InlineData("GetCallerIdentity")]
    [InlineData("DescribeVpcs")]
    [InlineData("ListRoles")]
    [InlineData("DescribeClusters")]
    [InlineData("ListBuckets")]
    [InlineData("ListSecrets")]
    public async Task A_denied_action_names_the_permission_that_is_missing(string action)
    {
        using var door = AwsTestClients.To(_simulator);
        _simulator.Faults.Deny(action);
        var errors = new List<AwsException>();
        foreach (var (_, call) in EveryService(door.Clients))
        {
            try
            {
                await call();
            }
            catch (AwsException e)
            {
                errors.Add(e);
            }
        }

        var error = Assert.Single(errors);
        Assert.Equal(AwsFault.Denied, error.Fault);
        Assert.Contains(action, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_at_the_address_is_unreachable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var door = new AwsTestClients(new Uri($"http://127.0.0.1:{port}"), "us-west-2", "k", "s", retries: 1);
        foreach (var (name, call) in EveryService(door.Clients))
        {
            var error = await Assert.ThrowsAsync<AwsException>(call);
            Assert.True(error.Fault == AwsFault.Unreachable, $"{name}: {error.Fault} {error.Message}");
        }
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_and_not_an_error_of_AWS()
    {
        using var door = AwsTestClients.To(_simulator);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => door.Clients.Ec2.ListVpcsAsync(cancelled.Token));
    }

    [Fact]
    public async Task Clients_are_made_once_per_place()
    {
        using var off = new AwsTestClients(new Uri("http://127.0.0.1:1"), "us-west-2", "k", "s");
        Assert.Same(off.Clients, off.Clients);
        Assert.NotSame(off.Clients, await off.Aws.ForAsync(new AwsPlace("eu-west-1", Simulated: true), default));
    }

    private static IEnumerable<(string Name, Func<Task> Call)> EveryService(AwsClients aws) =>
    [
        ("STS", () => aws.Sts.WhoAmIAsync(None)),
        ("EC2", () => aws.Ec2.ListVpcsAsync(None)),
        ("IAM", () => aws.Iam.ListRolesAsync(null, None)),
        ("Redshift", () => aws.Redshift.ListClustersAsync(null, null, None)),
        ("S3", () => aws.S3.ListBucketsAsync(None)),
        ("Secrets Manager", () => aws.Secrets.ListAsync("", None)),
    ];
}
