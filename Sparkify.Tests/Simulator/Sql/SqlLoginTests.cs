using System.Net;
using System.Net.Sockets;
using Npgsql;
using Sparkify.Core.Aws;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>Getting in: who may, who may not, and what a client of an 8.0.2 sees.</summary>
public sealed class SqlLoginTests
{
    [Fact]
    public async Task The_master_logs_in_with_the_managed_password_and_sees_8_0_2()
    {
        await using var bench = await SqlBench.StartAsync();
        await using var connection = await bench.Master.OpenConnectionAsync();
        Assert.Equal(new Version(8, 0, 2), connection.PostgreSqlVersion);
        Assert.False(connection.PostgresParameters.ContainsKey("standard_conforming_strings"));
        Assert.Equal("admin", await ScalarAsync(connection, "select current_user"));
        Assert.Equal("dev", await ScalarAsync(connection, "select current_database()"));
        await using var command = new NpgsqlCommand("select @a + 1", connection);
        command.Parameters.AddWithValue("a", 41);
        Assert.Equal(42, await command.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData("admin", "Wrong1234", "28000")]
    [InlineData("nobody", "Wrong1234", "28000")]
    public async Task A_wrong_password_and_an_unknown_user_are_refused_alike(string user, string password, string state)
    {
        await using var bench = await SqlBench.StartAsync();
        await using var source = bench.As(user, password);
        var error = await Assert.ThrowsAsync<PostgresException>(async () => await source.OpenConnectionAsync());
        Assert.Equal((state, $"password authentication failed for user \"{user}\""), (error.SqlState, error.MessageText));
    }

    [Fact]
    public async Task A_query_is_cancelled_on_the_server()
    {
        await using var bench = await SqlBench.StartAsync();
        await using var connection = await bench.Master.OpenConnectionAsync();
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await using var command = new NpgsqlCommand(
            "with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t", connection);
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => command.ExecuteScalarAsync(cancel.Token));
        Assert.Equal("57014", Assert.IsType<PostgresException>(error.InnerException).SqlState);
        Assert.Equal(1, await ScalarAsync(connection, "select 1"));
    }

    [Fact]
    public async Task A_temporary_password_logs_its_user_in()
    {
        await using var bench = await SqlBench.StartAsync();
        var login = await bench.Aws.Redshift.GetLoginAsync("c", "admin", "dev", TimeSpan.FromMinutes(15), CancellationToken.None);
        await using var source = bench.As(login.User, login.Password);
        await using var connection = await source.OpenConnectionAsync();
        Assert.Equal("admin", await ScalarAsync(connection, "select current_user"));
    }

    [Fact]
    public async Task Clusters_from_one_port_on_have_a_port_each_and_every_login_reaches_its_own()
    {
        var first = FreePort();
        await using var bench = await SqlBench.StartAsync(o => o with { SqlPort = first });
        await using var beside = await SqlBench.StartAsync(o => o with { SqlPort = first });
        List<(int Port, string Password)> clusters = [];
        foreach (var id in Enumerable.Range(1, 6).Select(n => $"c{n}"))
        {
            await bench.Aws.Redshift.CreateClusterAsync(
                new NewCluster { Id = id, NodeType = "ra3.large", Nodes = 1, Database = "dev", MasterUser = $"of_{id}" },
                CancellationToken.None);
            var cluster = (await bench.Aws.Redshift.FindClusterAsync(id, CancellationToken.None))!;
            var login = await bench.Aws.Secrets.GetLoginAsync(cluster.SecretArn!, CancellationToken.None);
            clusters.Add((cluster.Port!.Value, login.Password));
        }

        Assert.Equal(8, clusters.Select(c => c.Port).Append(bench.Port).Append(beside.Port).Distinct().Count());
        Assert.All(clusters, c => Assert.InRange(c.Port, first, first + 100));
        foreach (var ((port, password), n) in clusters.Select((c, i) => (c, i + 1)))
        {
            await using var source = NpgsqlDataSource.Create(SqlBench.ConnectionString(port, $"of_c{n}", password));
            Assert.Equal($"of_c{n}", await SqlBench.ScalarAsync(source, "select current_user"));
        }
    }

    [PythonFact("psql")]
    public async Task Psql_is_another_client()
    {
        await using var bench = await SqlBench.StartAsync();
        var login = new NpgsqlConnectionStringBuilder(bench.Connection);
        KeyValuePair<string, string>[] environment = [new(
            "PGPASSWORD", login.Password!), new("PGSSLMODE", "prefer"), new("PGGSSENCMODE", "prefer")];
        string[] at = ["-X", "-A", "-t", "-h", "127.0.0.1", "-p", $"{bench.Port}", "-U", "admin", "-d", "dev"];
        var (exit, output) = await OutsideProgram.RunAsync(
            "psql",
            [.. at, "-c", "create table t (id int distkey) sortkey (id)", "-c", "insert into t values (41)", "-c", "select id + 1 from t"],
            environment);
        Assert.True(exit == 0, output);
        Assert.EndsWith("42", output.Trim(), StringComparison.Ordinal);
        (exit, output) = await OutsideProgram.RunAsync("psql", [.. at, "-c", "copy t from stdin"], environment);
        Assert.NotEqual(0, exit);
        Assert.Contains("LOAD source is not supported", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_asks_for_tls_gets_it_and_can_verify_whom_it_speaks_to()
    {
        using var folder = new TempFolder();
        await using var bench = await SqlBench.StartAsync(o => o with { StateFile = Path.Combine(folder.Path, "simulator.json") });
        var root = Path.Combine(folder.Path, "simulator.crt");
        Assert.Equal(bench.Server.SqlCertificate, await File.ReadAllTextAsync(root));
        var settings = new NpgsqlConnectionStringBuilder(bench.Connection) { SslMode = SslMode.VerifyFull, RootCertificate = root };
        await using (var verified = NpgsqlDataSource.Create(settings))
        {
            Assert.Equal("admin", await SqlBench.ScalarAsync(verified, "select current_user"));
            // More than one record of TLS holds.
            Assert.Equal(65_000, await SqlBench.ScalarAsync(verified, $"select len('{new string('x', 65_000)}')"));
        }

        await using (var other = await SqlBench.StartAsync())
        {
            settings.RootCertificate = Path.Combine(folder.Path, "other.crt");
            await File.WriteAllTextAsync(settings.RootCertificate, other.Server.SqlCertificate);
            await using var wary = NpgsqlDataSource.Create(settings);
            var refused = await Assert.ThrowsAnyAsync<NpgsqlException>(() => SqlBench.ScalarAsync(wary, "select 1"));
            Assert.IsType<System.Security.Authentication.AuthenticationException>(refused.InnerException);
        }

        // Plain is as good as ever, for who does not ask.
        Assert.Equal("admin", await bench.ScalarAsync("select current_user"));
    }

    [PythonFact("psql")]
    public async Task Psql_requires_tls_and_verifies()
    {
        using var folder = new TempFolder();
        await using var bench = await SqlBench.StartAsync();
        var root = Path.Combine(folder.Path, "root.crt");
        await File.WriteAllTextAsync(root, bench.Server.SqlCertificate);
        var password = new NpgsqlConnectionStringBuilder(bench.Connection).Password!;
        foreach (var mode in new[] { "require", "verify-full" })
        {
            KeyValuePair<string, string>[] environment = [new("PGPASSWORD", password), new("PGSSLMODE", mode), new("PGSSLROOTCERT", root)];
            var (exit, output) = await OutsideProgram.RunAsync(
                "psql", ["-X", "-A", "-t", "-h", "localhost", "-p", $"{bench.Port}", "-U", "admin", "-d", "dev", "-c", "\\conninfo", "-c", "select 6 * 7"],
                environment);
            Assert.True(exit == 0, output);
            Assert.Contains("SSL", output, StringComparison.Ordinal);
            Assert.EndsWith("42", output.Trim(), StringComparison.Ordinal);
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
