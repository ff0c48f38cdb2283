using System.Text.Json;
using Npgsql;
using Sparkify.Simulator;
using Sparkify.Tests.Simulator.Sql;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Simulator;

/// <summary>AWS's own tools drive the simulator, with their own signatures, waiters and paging.</summary>
public sealed class OfficialToolsTests
{
    private static readonly SimulatorDelays Short = new()
    {
        Creating = TimeSpan.FromMilliseconds(400),
        Deleting = TimeSpan.FromMilliseconds(200),
        FinalSnapshot = TimeSpan.FromMilliseconds(200),
        Pausing = TimeSpan.FromMilliseconds(200),
        Resuming = TimeSpan.FromMilliseconds(200),
        RoleSync = TimeSpan.FromMilliseconds(100),
        InterfaceLinger = TimeSpan.FromMilliseconds(200),
        Modifying = TimeSpan.FromMilliseconds(200),
        Resizing = TimeSpan.FromMilliseconds(200),
        Rebooting = TimeSpan.FromMilliseconds(200),
        Snapshot = TimeSpan.FromMilliseconds(200),
    };

    [PythonFact("boto3")]
    public async Task Boto3_drives_everything_the_simulator_knows()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Delays = Short });
        var options = simulator.Options;
        var script = Path.Combine(AppContext.BaseDirectory, "Simulator", "drive_with_boto3.py");
        var (exit, output) = await OutsideProgram.RunAsync(
            "python3", [script, simulator.Url.ToString(), options.Region, options.AccessKey, options.SecretKey], []);
        Assert.True(exit == 0, output);
    }

    [PythonFact("aws")]
    public async Task The_aws_cli_creates_waits_and_deletes()
    {
        // The CLI's waiters look once a minute: the clusters are ready at the first look, its start takes longer than they do.
        await using var simulator = await SimulatorServer.StartAsync(
            new SimulatorOptions { Delays = Short with { Creating = TimeSpan.FromMilliseconds(50) } });
        var trust = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"redshift.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";
        var role = await CliAsync(simulator, "iam", "create-role", "--role-name", "cli", "--assume-role-policy-document", trust);
        await CliAsync(simulator, "iam", "wait", "role-exists", "--role-name", "cli");
        var group = await CliAsync(simulator, "ec2", "create-security-group", "--group-name", "cli", "--description", "for the test");
        var groupId = group.GetProperty("GroupId").GetString()!;
        await CliAsync(simulator, "ec2", "wait", "security-group-exists", "--group-ids", groupId);
        await CliAsync(simulator, "redshift", "create-cluster", "--cluster-identifier", "cli", "--node-type", "ra3.large", "--cluster-type", "single-node",
            "--master-username", "admin", "--manage-master-password", "--vpc-security-group-ids", groupId,
            "--iam-roles", role.GetProperty("Role").GetProperty("Arn").GetString()!);
        await CliAsync(simulator, "redshift", "wait", "cluster-available", "--cluster-identifier", "cli");
        await CliAsync(simulator, "redshift", "delete-cluster", "--cluster-identifier", "cli", "--skip-final-cluster-snapshot");
        await CliAsync(simulator, "redshift", "wait", "cluster-deleted", "--cluster-identifier", "cli");
        await CliAsync(simulator, "ec2", "delete-security-group", "--group-id", groupId);
        await CliAsync(simulator, "iam", "delete-role", "--role-name", "cli");
        Assert.DoesNotContain(simulator.Calls, c => c.Code is not (null or "ClusterNotFound"));
    }

    [PythonFact("aws")]
    public async Task The_aws_cli_modifies_snapshots_deletes_and_restores_with_the_data()
    {
        await using var simulator = await SimulatorServer.StartAsync(
            new SimulatorOptions { Delays = SimulatorDelays.None, SqlBackend = await SharedPostgres.NewDatabaseAsync() });
        await CliAsync(simulator, "redshift", "create-cluster", "--cluster-identifier", "CLI", "--node-type", "ra3.large", "--cluster-type", "single-node",
            "--master-username", "admin", "--master-user-password", "Passw0rdx");
        await CliAsync(simulator, "redshift", "wait", "cluster-available", "--cluster-identifier", "cli");
        await using (var source = await SourceAsync())
        {
            await SqlBench.RunAsync(source, "create table kept as select 42 as answer");
        }

        await CliAsync(simulator, "redshift", "modify-cluster", "--cluster-identifier", "cli", "--master-user-password", "Chang3dxx",
            "--node-type", "ra3.xlplus", "--number-of-nodes", "2");
        await CliAsync(simulator, "redshift", "wait", "cluster-available", "--cluster-identifier", "cli");
        await CliAsync(simulator, "redshift", "create-cluster-snapshot", "--cluster-identifier", "cli", "--snapshot-identifier", "kept");
        await CliAsync(simulator, "redshift", "wait", "snapshot-available", "--snapshot-identifier", "kept");
        await CliAsync(simulator, "redshift", "delete-cluster", "--cluster-identifier", "cli", "--skip-final-cluster-snapshot");
        await CliAsync(simulator, "redshift", "wait", "cluster-deleted", "--cluster-identifier", "cli");
        await CliAsync(simulator, "redshift", "restore-from-cluster-snapshot", "--cluster-identifier", "cli", "--snapshot-identifier", "kept");
        await CliAsync(simulator, "redshift", "wait", "cluster-restored", "--cluster-identifier", "cli");
        Assert.Equal(2, (await ShowAsync()).GetProperty("NumberOfNodes").GetInt32());
        await using var restored = await SourceAsync("Chang3dxx");
        Assert.Equal(42, await SqlBench.ScalarAsync(restored, "select answer from kept"));

        async Task<JsonElement> ShowAsync() =>
            (await CliAsync(simulator, "redshift", "describe-clusters", "--cluster-identifier", "cli")).GetProperty("Clusters")[0];

        async Task<NpgsqlDataSource> SourceAsync(string password = "Passw0rdx") => NpgsqlDataSource.Create(
            SqlBench.ConnectionString((await ShowAsync()).GetProperty("Endpoint").GetProperty("Port").GetInt32(), "admin", password));
    }

    [PythonFact("npm")]
    public async Task The_sdk_for_javascript_creates_modifies_snapshots_deletes_and_restores()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Delays = Short });
        using var folder = new TempFolder();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Simulator", "js")))
        {
            File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        }

        // What is locked and nothing else, and none of its scripts.
        var (exit, output) = await OutsideProgram.RunAsync(
            "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], [], folder.Path);
        Assert.True(exit == 0, output);
        var options = simulator.Options;
        (exit, output) = await OutsideProgram.RunAsync(
            "node", ["drive_with_js.js", simulator.Url.ToString(), options.Region, options.AccessKey, options.SecretKey], [], folder.Path);
        Assert.True(exit == 0, output);
    }

    [PythonFact("aws")]
    public async Task The_aws_cli_with_a_wrong_secret_is_refused()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        var (exit, output) = await OutsideProgram.RunAsync(
            "aws", ["sts", "get-caller-identity"], [.. Environment(simulator), new("AWS_SECRET_ACCESS_KEY", "wrong")]);
        Assert.NotEqual(0, exit);
        Assert.Contains("SignatureDoesNotMatch", output, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> CliAsync(SimulatorServer simulator, params string[] arguments)
    {
        var (exit, output) = await OutsideProgram.RunAsync("aws", [.. arguments, "--output", "json"], Environment(simulator));
        Assert.True(exit == 0, $"aws {string.Join(' ', arguments)}: {output}");
        return output.Trim().Length > 0 ? JsonDocument.Parse(output).RootElement : default;
    }

    private static KeyValuePair<string, string>[] Environment(SimulatorServer simulator) =>
    [
        new("AWS_ENDPOINT_URL", simulator.Url.ToString()), new(
            "AWS_DEFAULT_REGION", simulator.Options.Region), new("AWS_REGION", simulator.Options.Region),
        new("AWS_ACCESS_KEY_ID", simulator.Options.AccessKey), new("AWS_SECRET_ACCESS_KEY", simulator.Options.SecretKey),
        new("AWS_CONFIG_FILE", "/nonexistent"), new("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"), new("AWS_PAGER", ""),
    ];
}
