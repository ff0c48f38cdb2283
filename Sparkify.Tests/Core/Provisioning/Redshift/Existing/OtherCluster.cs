using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Aws;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Provisioning.Redshift.Existing;

/// <summary>A simulated cluster that somebody else made, with a role that reads all of S3 and a table of their own.</summary>
internal sealed class OtherCluster : IAsyncDisposable
{
    public const string Master = "awsuser";
    private const string Id = "dwh";

    private OtherCluster(SimulatedApp bench, ClusterInfo cluster, string password, string role) =>
        (Bench, Cluster, Password, Role) = (bench, cluster, password, role);

    public SimulatedApp Bench { get; }

    public ClusterInfo Cluster { get; }

    /// <summary>The master's.</summary>
    public string Password { get; }

    /// <summary>The ARN of the role that is attached.</summary>
    public string Role { get; }

    public HttpClient Http => Bench.Http;

    public static async Task<OtherCluster> StartAsync(Action<IServiceCollection>? services = null)
    {
        var bench = await SimulatedApp.StartAsync(services: services);
        var aws = bench.Aws;
        var role = await aws.Iam.CreateRoleAsync(new NewRole(
            "dwhRole",
            """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"redshift.amazonaws.com"},"Action":"sts:AssumeRole"}]}""",
            "theirs", new Dictionary<string, string>(StringComparer.Ordinal)), CancellationToken.None);
        await aws.Iam.PutRolePolicyAsync(
            role.Name, "s3",
            """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::*"]}]}""",
            CancellationToken.None);
        await aws.Redshift.CreateClusterAsync(
            new NewCluster { Id = Id, NodeType = "ra3.large", Nodes = 1, Database = "dev", MasterUser = Master, Roles = [role.Arn] },
            CancellationToken.None);
        var cluster = (await Eventually.BecomesAsync(
            () => aws.Redshift.FindClusterAsync(Id, CancellationToken.None), static c => c is { Status: "available", Host: not null }))!;
        var password = (await aws.Secrets.GetLoginAsync(cluster.SecretArn!, CancellationToken.None)).Password;
        OtherCluster other = new(bench, cluster, password, role.Arn);
        await other.ExecuteAsync("create schema theirs", "create table theirs.plays (id integer)", "insert into theirs.plays values (7)");
        return other;
    }

    /// <summary>A login that is no superuser, with what is granted to it.</summary>
    public async Task<string> UserAsync(string name, params string[] grants)
    {
        const string Secret = "Etl-Passw0rd";
        await ExecuteAsync([$"create user {name} password '{Secret}'", .. grants.Select(g => $"grant {g} on database dev to {name}")]);
        return Secret;
    }

    /// <summary>The cluster as the settings of a warehouse name it.</summary>
    public object Existing(
        string? user = null, string login = "Password", string? role = null, string? staging = null, bool pausable = false) => new
        {
            stagingLocation = staging,
            existing = new
            {
                host = Cluster.Host,
                port = Cluster.Port,
                database = "dev",
                user = user ?? Master,
                login,
                cluster = Id,
                role = role ?? Role,
                pausable,
            },
        };

    /// <summary>The settings file of those who have it.</summary>
    public string Config => $"""
        [CLUSTER]
        HOST={Cluster.Host}
        DB_NAME=dev
        DB_USER={Master}
        DB_PASSWORD={Password}
        DB_PORT={Cluster.Port}
        [IAM_ROLE]
        ARN='{Role}'
        [S3]
        LOG_DATA='s3://{SimulatedApp.Bucket}/log_data'
        SONG_DATA='s3://{SimulatedApp.Bucket}/song_data'
        """;

    /// <summary>Describes a warehouse on it.</summary>
    public async Task<(string Name, HttpResponseMessage Answer)> DescribeAsync(
        object redshift, string? password, string? name = null, string schema = "dwh")
    {
        name ??= TestApp.NewName();
        return (name, await Http.PostAsJsonAsync(
            "/api/v1/warehouses",
            new { name, target = "redshift", source = SimulatedApp.Source, redshift, simulated = true, schema, password }));
    }

    /// <summary>Describes and provisions one.</summary>
    public async Task<string> ProvisionAsync(object redshift, string? password)
    {
        var (name, answer) = await DescribeAsync(redshift, password);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        await RunAsync(name, RunKind.Provision);
        return name;
    }

    /// <summary>A run that succeeds.</summary>
    public async Task RunAsync(string name, RunKind kind)
    {
        var run = await Bench.App.RunAsync(name, kind);
        Assert.True(run.State == RunState.Succeeded, run.Error);
    }

    /// <summary>Takes from the role all objects but those below the given prefixes.</summary>
    public Task ReadOnlyAsync(params string[] prefixes) => Bench.Aws.Iam.PutRolePolicyAsync(
        "dwhRole", "s3",
        JsonSerializer.Serialize(new
        {
            Version = "2012-10-17",
            Statement = new[]
            {
                new
                {
                    Effect = "Allow",
                    Action = (string[])["s3:GetObject", "s3:ListBucket"],
                    Resource = (string[])[$"arn:aws:s3:::{SimulatedApp.Bucket}", .. prefixes.Select(static p => $"arn:aws:s3:::{SimulatedApp.Bucket}/{p}")],
                },
            },
        }),
        CancellationToken.None);

    /// <summary>What lies in the staging location.</summary>
    public async Task<IReadOnlyList<string>> StagedAsync() =>
    [
        .. (await Bench.Aws.S3.ListAsync(SimulatedApp.Bucket, "sparkify-staging/", CancellationToken.None).ToListAsync())
            .Select(static i => i.Key),
    ];

    /// <summary>Every schema with its tables, and every user, as the master sees them.</summary>
    public async Task<IReadOnlyList<string>> ListAsync() =>
    [
        .. await RowsAsync("select 'schema ' || nspname from pg_namespace where nspname !~ '^(pg_|information_schema|sim_)'"),
        .. await RowsAsync("select 'table ' || schemaname || '.' || tablename from pg_tables where schemaname !~ '^(pg_|information_schema|sim_)'"),
        .. await RowsAsync("select 'user ' || usename from pg_user"),
    ];

    public async Task<IReadOnlyList<string>> RowsAsync(string sql)
    {
        await using var db = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, db);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> rows = [];
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        return [.. rows.Order(StringComparer.Ordinal)];
    }

    public async Task ExecuteAsync(params string[] statements)
    {
        await using var db = await OpenAsync();
        foreach (var sql in statements)
        {
            await using var command = new NpgsqlCommand(sql, db);
            await command.ExecuteNonQueryAsync();
        }
    }

    public async ValueTask DisposeAsync() => await Bench.DisposeAsync();

    public static async Task<string> DetailAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()!;

    /// <summary>A session of the master.</summary>
    public async Task<NpgsqlConnection> OpenAsync()
    {
        WarehouseEndpoint place = new(Cluster.Host!, Cluster.Port!.Value, "dev");
        var text = RedshiftConnection.Text(place, Master, Password, "test", simulated: true);
        var db = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(text) { Pooling = false }.ConnectionString);
        await db.OpenAsync();
        return db;
    }
}
