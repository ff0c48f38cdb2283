using Sparkify.Core.Aws;
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
        using var door = new AwsTestClients(moto.Url, "us-west-2", key, secret, retries: 1);
        var aws = door.Clients;

        Assert.Contains("user/checked", (await aws.Sts.WhoAmIAsync(None)).Arn, StringComparison.Ordinal);
        var role = await aws.Iam.CreateRoleAsync(new NewRole("r", Trust, "a role", Tags), None);
        await aws.Iam.PutRolePolicyAsync("r", "read", Policy, None);
        Assert.Equal("w", (await aws.Iam.RoleTagsAsync("r", None))["sparkify:warehouse"]);
        var vpc = (await aws.Ec2.ListVpcsAsync(None)).Single(v => v.IsDefault);
        var group = await aws.Ec2.CreateSecurityGroupAsync(new NewSecurityGroup("g", "a group", vpc.Id, Tags), None);
        await aws.Ec2.AuthorizeIngressAsync(group, new IngressRule("tcp", 5439, 5439, "203.0.113.7/32", "me"), None);
        Assert.Equal("203.0.113.7/32", Assert.Single((await aws.Ec2.FindSecurityGroupAsync(vpc.Id, "g", None))!.Ingress).Source);
        await aws.Ec2.AuthorizeIngressAsync(group, new IngressRule("tcp", 5439, 5439, "pl-0123456789abcdef0"), None);
        Assert.Equal(
            ["203.0.113.7/32", "pl-0123456789abcdef0"], (await aws.Ec2.FindSecurityGroupAsync(vpc.Id, "g", None))!.Ingress.Select(
                r => r.Source).Order());
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

        using var wrong = new AwsTestClients(moto.Url, "us-west-2", key, "wrong", retries: 0);
        Assert.Equal(
            AwsFault.Credentials, (await Assert.ThrowsAsync<AwsException>(() => wrong.Clients.Iam.ListRolesAsync(null, None))).Fault);
        Assert.Equal(AwsFault.Credentials, (await Assert.ThrowsAsync<AwsException>(
            () => wrong.Clients.Redshift.ListClustersAsync(null, null, None))).Fault);
    }
}
