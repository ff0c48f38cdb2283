using System.Text;
using Npgsql;
using Sparkify.Core.Aws;
using Sparkify.Simulator;
using Sparkify.Tests.Core.Aws;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>A simulated cluster that answers SQL, with a real PostgreSQL behind it and a client set up as one is for Redshift.</summary>
internal sealed class SqlBench : IAsyncDisposable
{
    private SqlBench(SimulatorServer server, AwsTestClients door)
    {
        (Server, Door) = (server, door);
    }

    public SimulatorServer Server { get; }

    public AwsTestClients Door { get; }

    public AwsClients Aws => Door.Clients;

    public string Connection { get; private set; } = "";

    public NpgsqlDataSource Master { get; private set; } = null!;

    /// <summary>Starts a simulator with one available cluster, <c>c</c>.</summary>
    public static async Task<SqlBench> StartAsync(Func<SimulatorOptions, SimulatorOptions>? change = null)
    {
        var options = new SimulatorOptions { Delays = SimulatorDelays.None, SqlBackend = await SharedPostgres.NewDatabaseAsync() };
        var server = await SimulatorServer.StartAsync(change is null ? options : change(options));
        var bench = new SqlBench(server, AwsTestClients.To(server));
        await bench.CreateClusterAsync();
        return bench;
    }

    /// <summary>Settings of a client of Redshift; plain TCP, as there is no certificate on loopback.</summary>
    public static string ConnectionString(int port, string user, string password) =>
        $"Host=127.0.0.1;Port={port};Database=dev;Username={user};Password={password};SSL Mode=Disable;GSS Encryption Mode=Disable;Timeout=60;Command Timeout=120;"
        + "Cancellation Timeout=5000;Tcp Keepalive=true;Keepalive=0;Pooling=true;Minimum Pool Size=0;Maximum Pool Size=10;No Reset On Close=true;"
        + "Max Auto Prepare=0;Multiplexing=false;Enlist=false;Include Error Detail=true;Application Name=test";

    public NpgsqlDataSource As(string user, string password) => NpgsqlDataSource.Create(ConnectionString(Port, user, password));

    public int Port { get; private set; }

    public async Task<ClusterInfo> ClusterAsync(string id = "c") => (await Aws.Redshift.FindClusterAsync(id, CancellationToken.None))!;

    /// <summary>Creates a role that may read what the policy says and puts it on the cluster; its ARN.</summary>
    public async Task<string> AttachRoleAsync(string name = "loader", string? policy = null)
    {
        const string Trust = """{"Statement":[{"Effect":"Allow","Principal":{"Service":"redshift.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";
        var role = await Aws.Iam.CreateRoleAsync(new NewRole(name, Trust, "", new Dictionary<string, string>()), CancellationToken.None);
        await Aws.Iam.PutRolePolicyAsync(name, "read", policy ?? """
            {"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::lake/*"},
                          {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::lake"}]}
            """, CancellationToken.None);
        await Aws.Redshift.ChangeRolesAsync("c", [role.Arn], [], CancellationToken.None);
        return role.Arn;
    }

    /// <summary>Writes an object into the bucket <c>lake</c>, which is created when it is not there.</summary>
    public async Task PutAsync(string key, byte[] content)
    {
        if (!(await Aws.S3.ListBucketsAsync(CancellationToken.None)).Contains("lake"))
        {
            Server.CreateBucket("lake");
        }

        using var stream = new MemoryStream(content);
        await Aws.S3.PutAsync("lake", key, stream, CancellationToken.None);
    }

    public Task PutAsync(string key, string content) => PutAsync(key, Encoding.UTF8.GetBytes(content));

    public Task<int> RunAsync(string sql) => RunAsync(Master, sql);

    public static async Task<int> RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }

    public Task<object?> ScalarAsync(string sql) => ScalarAsync(Master, sql);

    public static async Task<object?> ScalarAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Rows as text, the fields of each with bars between them.</summary>
    public Task<string[]> RowsAsync(string sql) => RowsAsync(Master, sql);

    public static async Task<string[]> RowsAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        command.AllResultTypesAreUnknown = true;
        await using var reader = await command.ExecuteReaderAsync();
        List<string> rows = [];
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join(
                '|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "null" : reader.GetString(i).TrimEnd())));
        }

        return [.. rows];
    }

    /// <summary>The name of the cluster's database on the server behind.</summary>
    public async Task<string> BackendNameAsync()
    {
        await using var server = NpgsqlDataSource.Create(Server.Options.SqlBackend!);
        await using var command = server.CreateCommand("select datname from pg_stat_activity where pid = @pid");
        command.Parameters.AddWithValue("pid", (await ScalarAsync("select pg_backend_pid()"))!);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    public async Task<PostgresException> RefusedAsync(string sql) => await Assert.ThrowsAsync<PostgresException>(() => RunAsync(sql));

    public async ValueTask DisposeAsync()
    {
        await Master.DisposeAsync();
        Door.Dispose();
        await Server.DisposeAsync();
    }

    private async Task CreateClusterAsync()
    {
        await Aws.Redshift.CreateClusterAsync(
            new NewCluster { Id = "c", NodeType = "ra3.large", Nodes = 1, Database = "dev", MasterUser = "admin" }, CancellationToken.None);
        var cluster = await ClusterAsync();
        Port = cluster.Port!.Value;
        Connection = ConnectionString(
            Port, "admin", (await Aws.Secrets.GetLoginAsync(cluster.SecretArn!, CancellationToken.None)).Password);
        Master = NpgsqlDataSource.Create(Connection);
    }
}
