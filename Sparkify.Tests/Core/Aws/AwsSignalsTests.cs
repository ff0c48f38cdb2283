using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Sparkify.Core.Aws;
using Sparkify.Simulator;

namespace Sparkify.Tests.Core.Aws;

/// <summary>What is counted of calls to AWS.</summary>
public sealed class AwsSignalsTests
{
    [Fact]
    public async Task Calls_ThatSucceedFailAndAreThrottled_AreCountedByServiceOperationAndTrouble()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Delays = SimulatorDelays.None });
        simulator.CreateBucket("music");
        using var door = AwsTestClients.To(simulator, retries: 3);
        using var seen = new Measured(door.Meters);

        await door.Clients.Redshift.ListClustersAsync(null, null, default);
        Assert.Null(await door.Clients.Iam.FindRoleAsync("nobody", default));
        simulator.Faults.ThrottleShare = 1;
        await Assert.ThrowsAsync<AwsException>(() => door.Clients.Redshift.ListClustersAsync(null, null, default));
        await Assert.ThrowsAsync<AwsException>(() => door.Clients.Ec2.ListVpcsAsync(default));
        await Assert.ThrowsAsync<AwsException>(
            async () => await door.Clients.S3.ListAsync("music", "", default).GetAsyncEnumerator().MoveNextAsync());

        Assert.Equal(
            [
                ("EC2", "DescribeVpcs", "transient", 1), ("IAM", "GetRole", "missing", 1), ("Redshift", "DescribeClusters", "", 1),
                ("Redshift", "DescribeClusters", "transient", 1), ("S3", "ListObjectsV2", "transient", 1),
            ],
            seen.Of("sparkify.aws.call.duration"));
        // The first try and three more, which the SDK makes by itself.
        Assert.Equal(
            [("EC2", "DescribeVpcs", "", 4), ("Redshift", "DescribeClusters", "", 4), ("S3", "ListObjectsV2", "", 4)],
            seen.Of("sparkify.aws.throttled"));
    }

    /// <summary>What one application's meters measured: of a duration how often, of a count how much.</summary>
    private sealed class Measured : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<(string Name, string Service, string Operation, string Trouble, int Value)> _all = new();

        public Measured(IMeterFactory meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == meters)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, 1, tags));
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, (int)value, tags));
            _listener.Start();
        }

        public IEnumerable<(string, string, string, int)> Of(string instrument) => _all.Where(m => m.Name == instrument)
            .GroupBy(static m => (m.Service, m.Operation, m.Trouble))
            .Select(static g => (g.Key.Service, g.Key.Operation, g.Key.Trouble, g.Sum(static m => m.Value))).Order();

        public void Dispose() => _listener.Dispose();

        private void Add(Instrument instrument, int value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var named = tags.ToArray().ToDictionary(static t => t.Key, static t => t.Value?.ToString() ?? "", StringComparer.Ordinal);
            _all.Enqueue((
                instrument.Name, named["rpc.service"], named["rpc.method"], named.GetValueOrDefault("error.type", ""), value));
        }
    }
}
