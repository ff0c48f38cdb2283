using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sparkify.Core.Aws;

namespace Sparkify.Core.Provisioning.Redshift.Export;

/// <summary>Writes a Terraform configuration; what exists is taken over by import blocks (Terraform 1.5 and later).</summary>
internal sealed class Terraform
{
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly StringBuilder _text = new();
    private readonly Blueprint _blueprint;
    private int _depth;

    private Terraform(Blueprint blueprint) => _blueprint = blueprint;

    public static string Write(Blueprint blueprint) => new Terraform(blueprint).Write();

    private string Write()
    {
        Line($"# The warehouse {_blueprint.Warehouse}: cluster, role and network as Sparkify Web has them.");
        Block("terraform", () =>
        {
            Line("required_version = \">= 1.5\"");
            Block("required_providers", () => Line("aws = { source = \"hashicorp/aws\", version = \">= 5.0\" }"));
        });
        Block("provider \"aws\"", () => Value("region", _blueprint.Region));
        Role();
        SecurityGroup();
        if (_blueprint.Subnets.Count > 0)
        {
            Import("aws_redshift_subnet_group", _blueprint.SecurityGroup);
            Resource("aws_redshift_subnet_group", () =>
            {
                Value("name", _blueprint.SecurityGroup);
                Value("description", _blueprint.SecurityGroupDescription);
                Line($"subnet_ids = [{string.Join(", ", _blueprint.Subnets.Select(Quoted))}]");
                Tags();
            });
        }

        Cluster();
        return _text.ToString();
    }

    private void Role()
    {
        Import("aws_iam_role", _blueprint.Role);
        Resource("aws_iam_role", () =>
        {
            Value("name", _blueprint.Role);
            Value("path", RedshiftNames.RolePath);
            Value("description", _blueprint.RoleDescription);
            Json("assume_role_policy", _blueprint.Trust);
            Tags();
        });
        if (_blueprint.Policy is { } policy)
        {
            Import("aws_iam_role_policy", $"{_blueprint.Role}:{RedshiftNames.Policy}");
            Resource("aws_iam_role_policy", () =>
            {
                Value("name", RedshiftNames.Policy);
                Line("role = aws_iam_role.warehouse.name");
                Json("policy", policy);
            });
        }
    }

    private void SecurityGroup()
    {
        if (_blueprint.SecurityGroupId is { } id)
        {
            Import("aws_security_group", id);
        }

        Resource("aws_security_group", () =>
        {
            Value("name", _blueprint.SecurityGroup);
            Value("description", _blueprint.SecurityGroupDescription);
            Value("vpc_id", _blueprint.VpcId);
            foreach (var rule in _blueprint.Ingress)
            {
                Block("ingress", () => Rule(rule));
            }

            // AWS lets everything out of a new group; Terraform would take that away unless it is said.
            Block("egress", () => Rule(new IngressRule("-1", null, null, "0.0.0.0/0")));
            Tags();
        });
    }

    private void Rule(IngressRule rule)
    {
        if (rule.Description is { } description)
        {
            Value("description", description);
        }

        Value("protocol", rule.Protocol);
        Value("from_port", rule.FromPort ?? 0);
        Value("to_port", rule.ToPort ?? 0);
        var sources = rule.Kind switch
        {
            IngressSource.PrefixList => "prefix_list_ids",
            IngressSource.SecurityGroup => "security_groups",
            IngressSource.AddressesV6 => "ipv6_cidr_blocks",
            _ => "cidr_blocks",
        };
        Line($"{sources} = [{Quoted(rule.Source)}]");
    }

    private void Cluster()
    {
        var cluster = _blueprint.Cluster;
        if (_blueprint.Exists)
        {
            Import("aws_redshift_cluster", cluster.Id);
        }

        Resource("aws_redshift_cluster", () =>
        {
            Value("cluster_identifier", cluster.Id);
            Value("cluster_type", cluster.Nodes == 1 ? "single-node" : "multi-node");
            Value("node_type", cluster.NodeType);
            if (cluster.Nodes > 1)
            {
                Value("number_of_nodes", cluster.Nodes);
            }

            Value("database_name", cluster.Database);
            Value("master_username", cluster.MasterUser);
            Line("manage_master_password = true");
            Line("encrypted = true");
            Line($"publicly_accessible = {(cluster.PubliclyAccessible ? "true" : "false")}");
            Value("port", cluster.Port);
            Value("automated_snapshot_retention_period", cluster.SnapshotDays);
            Line("vpc_security_group_ids = [aws_security_group.warehouse.id]");
            Line("iam_roles = [aws_iam_role.warehouse.arn]");
            if (_blueprint.Subnets.Count > 0)
            {
                Line("cluster_subnet_group_name = aws_redshift_subnet_group.warehouse.name");
            }

            // Never one without the other: a snapshot needs its name (terraform#22952).
            Line($"skip_final_snapshot = {(_blueprint.FinalSnapshotDays is null ? "true" : "false")}");
            if (_blueprint.FinalSnapshotDays is not null)
            {
                Value("final_snapshot_identifier", $"{cluster.Id}-final");
            }

            Tags();
        });
    }

    // The role comes before the cluster in every life of a warehouse, so where there is a cluster there is the rest.
    private void Import(string type, string id)
    {
        if (_blueprint.Exists)
        {
            Block("import", () =>
            {
                Line($"to = {type}.warehouse");
                Value("id", id);
            });
        }
    }

    private void Resource(string type, Action body) => Block($"resource \"{type}\" \"warehouse\"", body);

    private void Tags() => Block("tags =", () =>
    {
        foreach (var (key, value) in _blueprint.Tags.OrderBy(static t => t.Key, StringComparer.Ordinal))
        {
            Line($"{Quoted(key)} = {Quoted(value)}");
        }
    });

    private void Block(string head, Action body)
    {
        if (_depth == 0)
        {
            _text.Append('\n');
        }

        Line($"{head} {{");
        _depth++;
        body();
        _depth--;
        Line("}");
    }

    private void Value(string name, string value) => Line($"{name} = {Quoted(value)}");

    private void Value(string name, int value) => Line(string.Create(CultureInfo.InvariantCulture, $"{name} = {value}"));

    // jsonencode takes HCL, of which JSON is nearly a part: only the sequences that begin a template have to be escaped.
    private void Json(string name, JsonObject value) =>
        Line($"{name} = jsonencode({Escaped(value.ToJsonString(Readable)).ReplaceLineEndings($"\n{Indent}")})");

    private void Line(string text) => _text.Append(Indent).Append(text).Append('\n');

    private string Indent => new(' ', _depth * 2);

    private static string Quoted(string value) => Escaped(JsonSerializer.Serialize(value, Readable));

    private static string Escaped(string text) =>
        text.Replace("${", "$${", StringComparison.Ordinal).Replace("%{", "%%{", StringComparison.Ordinal);
}
