using Npgsql;
using Sparkify.Core.Aws;
using Sparkify.Simulator;
using Sparkify.Tests.Core.Aws;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>A simulated cluster that answers SQL, with a real PostgreSQL behind it and a client set up as one is for Redshift.</summary>
internal sealed class SqlBench : IAsyncDisposable
{
    private SqlBench(SimulatorServer server, AwsTestDoor door)
    {
        (Server, Door) = (server, door);
    }

    public SimulatorServer Server { get; }

    public AwsTestDoor Door { get; }

    public AwsClients Aws => Door.Clients;

    public string Connection { get; private set; } = "";

    public NpgsqlDataSource Master { get; private set; } = null!;

    /// <summary>Starts a simulator with one available cluster, <c>c</c>.</summary>
    public static async Task<SqlBench> StartAsync(Func<SimulatorOptions, SimulatorOptions>? change = null)
    {
        var options = new SimulatorOptions { Delays = SimulatorDelays.None, SqlBackend = await SharedPostgres.NewDatabaseAsync() };
        var server = await SimulatorServer.StartAsync(change is null ? options : change(options));
        var bench = new SqlBench(server, AwsTestDoor.To(server));
        await bench.CreateClusterAsync();
        return bench;
    }

    /// <summary>Settings of a client of Redshift; plain TCP, as there is no certificate on loopback.</summary>
    public static string ConnectionString(int port, string user, string password) =>
        $"Host=127.0.0.1;Port={port};Database=dev;Username={user};Password={password};SSL Mode=Disable;GSS Encryption Mode=Disable;Timeout=10;Command Timeout=30;"
        + "Cancellation Timeout=5000;Tcp Keepalive=true;Keepalive=0;Pooling=true;Minimum Pool Size=0;Maximum Pool Size=10;No Reset On Close=true;"
        + "Max Auto Prepare=0;Multiplexing=false;Enlist=false;Include Error Detail=true;Application Name=test";

    public NpgsqlDataSource As(string user, string password) => NpgsqlDataSource.Create(ConnectionString(Port, user, password));

    public int Port { get; private set; }

    public async Task<ClusterInfo> ClusterAsync() => (await Aws.Redshift.FindClusterAsync("c", CancellationToken.None))!;

    public async ValueTask DisposeAsync()
    {
        await Master.DisposeAsync();
        Door.Dispose();
        await Server.DisposeAsync();
    }

    private async Task CreateClusterAsync()
    {
        await Aws.Redshift.CreateClusterAsync(new NewCluster { Id = "c", NodeType = "ra3.large", Nodes = 1, Database = "dev", MasterUser = "admin" }, CancellationToken.None);
        var cluster = await ClusterAsync();
        Port = cluster.Port!.Value;
        Connection = ConnectionString(Port, "admin", (await Aws.Secrets.GetLoginAsync(cluster.SecretArn!, CancellationToken.None)).Password);
        Master = NpgsqlDataSource.Create(Connection);
    }
}
