using System.Net;
using System.Net.Sockets;
using Sparkify.Simulator;
using Sparkify.Simulator.DataPlane;
using Sparkify.Simulator.DataPlane.Wire;
using Sparkify.Simulator.State;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>A client's connection and who ends it.</summary>
public sealed class SqlSessionTests
{
    [Fact]
    public async Task End_WhenTheClientHasGoneAlready_ChangesNothing()
    {
        await using var cluster = new SqlCluster(
            "k", 0, new World(new SimulatorOptions()), new SimulatorFaults(1), new S3Traffic(), new BackendServer("Host=none"));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        var session = new SqlSession(cluster, await listener.AcceptSocketAsync());
        var statement = session.BeginStatement();
        client.Close();
        await session.RunAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

        // The cluster pauses at this very moment, and a cancel request for the session was on its way.
        session.End();
        session.CancelStatement();

        Assert.True(statement.IsCancellationRequested);
        session.EndStatement();
        session.CancelStatement();
    }

    [Fact]
    public async Task End_WhileTheClientSaysNothing_EndsTheSession()
    {
        await using var cluster = new SqlCluster(
            "k", 0, new World(new SimulatorOptions()), new SimulatorFaults(1), new S3Traffic(), new BackendServer("Host=none"));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        var session = new SqlSession(cluster, await listener.AcceptSocketAsync());
        var running = session.RunAsync(CancellationToken.None);
        Assert.False(running.IsCompleted);

        session.End();

        await running.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
