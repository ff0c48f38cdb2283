using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Provisioning.Redshift.Export;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Aws;
using Sparkify.Tests.Simulator;

namespace Sparkify.Tests.Core.Provisioning.Redshift;

/// <summary>Leaving with what one has.</summary>
public sealed partial class ExportTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task The_template_has_every_resource_as_it_was_applied()
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Settings = bench.Settings with { NodeType = "ra3.xlplus", Nodes = 2, AllowedRange = "203.0.113.7/32" };
        await bench.ProvisionAsync();
        // What is applied counts, not what is wished for since.
        bench.Settings = bench.Settings with { NodeType = "ra3.4xlarge", AllowedRange = "198.51.100.9/32" };

        var template = JsonNode.Parse(await bench.ExportAsync(ExportFormat.CloudFormation))!;
        var made = (await bench.ClusterAsync())!;
        var cluster = template["Resources"]!["Cluster"]!["Properties"]!;
        Assert.Equal(
            ("ra3.xlplus", 2, made.Id, true, true, made.Database, made.MasterUser, 5439, true),
            ((string)cluster["NodeType"]!, (int)cluster["NumberOfNodes"]!, (string)cluster["ClusterIdentifier"]!, (bool)cluster["Encrypted"]!,
             (bool)cluster["ManageMasterPassword"]!, (string)cluster["DBName"]!, (string)cluster["MasterUsername"]!, (int)cluster["Port"]!,
             (bool)cluster["PubliclyAccessible"]!));
        Assert.Equal(made.Tags.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => (t.Key, t.Value)),
            cluster["Tags"]!.AsArray().Select(t => ((string)t!["Key"]!, (string)t["Value"]!)));
        Assert.Equal(
            "203.0.113.7/32", (string)template["Resources"]!["SecurityGroup"]!["Properties"]!["SecurityGroupIngress"]![0]!["CidrIp"]!);

        using var door = bench.Door();
        var role = template["Resources"]!["Role"]!["Properties"]!;
        var policy = (await door.Clients.Iam.FindRolePolicyAsync(bench.Names.Role, RedshiftNames.Policy, None))!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(policy), role["Policies"]![0]!["PolicyDocument"]));
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse((await door.Clients.Iam.FindRoleAsync(bench.Names.Role, None))!.TrustPolicy), role["AssumeRolePolicyDocument"]));
    }

    [Fact]
    public async Task A_single_node_has_no_number_and_a_private_cluster_no_way_in()
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Settings = bench.Settings with { Reach = ClusterReach.Private };

        var resources = JsonNode.Parse(await bench.ExportAsync(ExportFormat.CloudFormation))!["Resources"]!;
        Assert.Equal("single-node", (string)resources["Cluster"]!["Properties"]!["ClusterType"]!);
        Assert.Null(resources["Cluster"]!["Properties"]!["NumberOfNodes"]);
        Assert.Empty(resources["SecurityGroup"]!["Properties"]!["SecurityGroupIngress"]!.AsArray());
        Assert.DoesNotContain("ingress", await bench.ExportAsync(ExportFormat.Terraform), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configuration_takes_over_what_exists_and_imports_nothing_that_does_not()
    {
        await using var bench = await RedshiftBench.StartAsync();
        Assert.DoesNotContain("import {", await bench.ExportAsync(ExportFormat.Terraform), StringComparison.Ordinal);
        bench.Settings = bench.Settings with { FinalSnapshotDays = 7 };
        await bench.ProvisionAsync();

        var text = await bench.ExportAsync(ExportFormat.Terraform);
        Assert.Equal(
            ["aws_iam_role", "aws_iam_role_policy", "aws_security_group", "aws_redshift_cluster"],
            ResourceTypes().Matches(text).Select(m => m.Groups["type"].Value));
        Assert.Equal(4, text.Split("import {").Length - 1);
        Assert.Contains($"id = \"{bench.Names.Cluster}\"", text, StringComparison.Ordinal);
        Assert.Contains("cidr_blocks = [\"127.0.0.1/32\"]", text, StringComparison.Ordinal);
        Assert.Contains("skip_final_snapshot = false", text, StringComparison.Ordinal);
        Assert.Contains("final_snapshot_identifier = ", text, StringComparison.Ordinal);
        Assert.Equal(text.Count(c => c == '{'), text.Count(c => c == '}'));
    }

    [Fact]
    public async Task Every_kind_of_source_that_a_group_is_open_to_is_handed_out_as_what_it_is()
    {
        await using var bench = await RedshiftBench.StartAsync();
        await bench.ProvisionAsync();
        using var door = bench.Door();
        var ec2 = door.Clients.Ec2;
        var group = (await ec2.FindSecurityGroupAsync((await ec2.ListVpcsAsync(None))[0].Id, bench.Names.SecurityGroup, None))!.Id;
        foreach (var source in new[] { "pl-0123456789abcdef0", "2001:db8::/48", group })
        {
            await ec2.AuthorizeIngressAsync(group, new IngressRule("tcp", 5439, 5439, source, "more"), None);
        }

        var rules = JsonNode.Parse(
            await bench.ExportAsync(ExportFormat.CloudFormation))!["Resources"]!["SecurityGroup"]!["Properties"]!["SecurityGroupIngress"]!;
        Assert.Equal(
            [("CidrIp", "127.0.0.1/32"), ("CidrIpv6", "2001:db8::/48"), ("SourcePrefixListId", "pl-0123456789abcdef0"), ("SourceSecurityGroupId", group)],
            rules.AsArray().SelectMany(r => r!.AsObject())
                .Where(p => p.Key is not ("IpProtocol" or "Description" or "FromPort" or "ToPort"))
                .Select(p => (p.Key, (string)p.Value!)).Order());

        var text = await bench.ExportAsync(ExportFormat.Terraform);
        Assert.Contains("cidr_blocks = [\"127.0.0.1/32\"]", text, StringComparison.Ordinal);
        Assert.Contains("ipv6_cidr_blocks = [\"2001:db8::/48\"]", text, StringComparison.Ordinal);
        Assert.Contains("prefix_list_ids = [\"pl-0123456789abcdef0\"]", text, StringComparison.Ordinal);
        Assert.Contains($"security_groups = [\"{group}\"]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_owner_with_quotes_and_template_marks_is_only_text()
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Settings = bench.Settings with { Owner = "${data.x} \"%{ann}\\" };

        Assert.Contains("\"$${data.x} \\\"%%{ann}\\\\\"", await bench.ExportAsync(ExportFormat.Terraform), StringComparison.Ordinal);
        Assert.Contains(
            "${data.x} \"%{ann}\\",
            JsonNode.Parse(await bench.ExportAsync(ExportFormat.CloudFormation))!
                ["Resources"]!["Cluster"]!["Properties"]!["Tags"]!.AsArray()
                .Select(t => (string)t!["Value"]!));
    }

    [Fact]
    public async Task A_local_warehouse_has_nothing_to_export()
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Warehouse = bench.Warehouse with { Target = WarehouseTarget.Local };

        var refused = await Assert.ThrowsAnyAsync<SparkifyException>(() => bench.ExportAsync(ExportFormat.Terraform));
        Assert.Contains("is local", refused.Message, StringComparison.Ordinal);
    }

    [PythonFact("moto.server")]
    public async Task Another_AWS_makes_the_same_from_the_template()
    {
        await using var bench = await RedshiftBench.StartAsync();
        var template = await bench.ExportAsync(ExportFormat.CloudFormation);
        await using var moto = await MotoServer.StartAsync();
        using var door = new AwsTestClients(moto.Url, "us-west-2", "any", "any", retries: 1);
        var vpc = (await door.Clients.Ec2.ListVpcsAsync(None)).Single(v => v.IsDefault).Id;
        using var ours = bench.Door();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, template.Replace(
            (await ours.Clients.Ec2.ListVpcsAsync(None)).Single(v => v.IsDefault).Id, vpc, StringComparison.Ordinal));

        var (exit, said) = await OutsideProgram.RunAsync("aws",
            ["cloudformation", "create-stack", "--stack-name", "taken-over", "--template-body", $"file://{file}", "--capabilities", "CAPABILITY_NAMED_IAM",
             "--endpoint-url", moto.Url.ToString(), "--region", "us-west-2"],
            new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = "any", ["AWS_SECRET_ACCESS_KEY"] = "any" });
        File.Delete(file);

        Assert.True(exit == 0, said);
        // moto names clusters of a stack by itself; everything else is as the template says.
        var cluster = Assert.Single(await door.Clients.Redshift.ListClustersAsync(null, null, None));
        Assert.Equal(("ra3.large", "sparkify", 5439), (cluster.NodeType, cluster.Database, cluster.Port));
        Assert.NotNull(await door.Clients.Iam.FindRolePolicyAsync(bench.Names.Role, RedshiftNames.Policy, None));
        Assert.Equal("127.0.0.1/32", Assert.Single(
            (await door.Clients.Ec2.FindSecurityGroupAsync(vpc, bench.Names.SecurityGroup, None))!.Ingress).Source);
    }

    [GeneratedRegex("resource \"(?<type>[a-z_]+)\" \"warehouse\"", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ResourceTypes();
}
