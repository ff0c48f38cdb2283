using System.Net.Sockets;
using System.Text;
using Npgsql;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>What drivers of Redshift send when they begin, message by message, and what they are told.</summary>
public sealed class SqlDriversTests
{
    /// <summary>As AWS's drivers for Python and Java have it, which PostgreSQL refuses; one would have made another kind of session.</summary>
    private static readonly (string Name, string Value)[] OfDrivers =
    [
        ("application_name", "report"), ("client_protocol_version", "2"), ("driver_version", "A driver 2.1"), ("os_version", "Linux"),
        ("driver_discovery_version", "2"), ("plugin_name", "none"), ("replication", "database"), ("_pq_.feature", "on"),
    ];

    [Fact]
    public async Task What_only_Redshift_knows_of_a_start_is_left_out_and_the_rest_holds()
    {
        await using var bench = await SqlBench.StartAsync();

        var said = await StartAsync(bench, [.. OfDrivers, ("DateStyle", "SQL, DMY"), ("options", "-c statement_timeout=9000")]);

        Assert.DoesNotContain(said, static m => m.Type == 'E');
        Assert.Equal(("R", "Z"), (said[0].Type.ToString(), said[^1].Type.ToString()));
        Assert.Contains(said, static m => m is { Type: 'S', Text: "application_name=report" });
        Assert.Contains(said, static m => m is { Type: 'S', Text: "DateStyle=SQL, DMY" });
        Assert.Contains(said, static m => m is { Type: 'S', Text: "server_version=8.0.2" });
    }

    [Theory]
    [InlineData("options", "-c no_such_setting=1", "unrecognized configuration parameter \"no_such_setting\"")]
    [InlineData("datestyle", "never", "invalid value for parameter \"DateStyle\": \"never\"")]
    public async Task A_start_that_the_server_refuses_is_refused_in_words(string name, string value, string message)
    {
        await using var bench = await SqlBench.StartAsync();

        var said = await StartAsync(bench, [(name, value)]);

        Assert.Equal('E', said[^1].Type);
        Assert.Contains("FATAL", said[^1].Text, StringComparison.Ordinal);
        Assert.Contains(message, said[^1].Text, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What is said after the password, up to the first prompt or the end of the connection.</summary>
    private static async Task<List<(char Type, string Text)>> StartAsync(SqlBench bench, (string Name, string Value)[] parameters)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", bench.Port, limit.Token);
        await using var stream = new PgStream(client.GetStream());
        var packet = new PgBody().Int32(196608).Text("user").Text("admin").Text("database").Text("dev");
        foreach (var (name, value) in parameters)
        {
            packet.Text(name).Text(value);
        }

        var body = packet.Byte(0).ToArray();
        stream.WriteRaw(new PgBody().Int32(body.Length + 4).Bytes(body).ToArray());
        await stream.FlushAsync(limit.Token);
        var asked = (await stream.ReadAsync(limit.Token))!.Value;
        Assert.Equal(('R', 5), (asked.Type, asked.Body.Span[3]));
        var hash = Md5Password.Hash(new NpgsqlConnectionStringBuilder(bench.Connection).Password!, "admin");
        stream.Write('p', new PgBody().Text(Md5Password.Answer(hash, asked.Body.Span[4..])).ToArray());
        await stream.FlushAsync(limit.Token);
        List<(char Type, string Text)> said = [];
        while (said is not [.., ('Z' or 'E', _)] && await stream.ReadAsync(limit.Token) is { } message)
        {
            said.Add((message.Type, Encoding.UTF8.GetString(message.Body.Span).TrimEnd('\0').Replace('\0', '=')));
        }

        return said;
    }
}
