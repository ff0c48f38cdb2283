using Sparkify.Core.Aws;
using Sparkify.Core.Sources;
using Sparkify.Simulator;
using Sparkify.Tests.Core.Aws;

namespace Sparkify.Tests.Support;

/// <summary>A simulated AWS account with a bucket <c>music</c>, for one test.</summary>
internal sealed class CloudAccount : IAsyncDisposable, ISimulatedAws
{
    public const string Bucket = "music";

    private readonly AwsTestClients _door;

    private CloudAccount(SimulatorServer simulator)
    {
        Simulator = simulator;
        Simulator.CreateBucket(Bucket);
        _door = AwsTestClients.To(simulator, retries: 2);
    }

    /// <summary>The events, songs and JSONPaths file of the bucket.</summary>
    public static LocationSource Source { get; } = new($"s3://{Bucket}/log_data", $"s3://{Bucket}/song_data", Simulated: true);

    public SimulatorServer Simulator { get; }

    public AwsClients Clients => _door.Clients;

    public IAws Aws => _door.Aws;

    /// <inheritdoc/>
    public SimulatedAwsAccess? Access =>
        new(Simulator.Url, Simulator.Options.Region, Simulator.Options.AccessKey, Simulator.Options.SecretKey);

    public static async Task<CloudAccount> OpenAsync() =>
        new(await SimulatorServer.StartAsync(new SimulatorOptions { Delays = SimulatorDelays.None }));

    /// <summary>Puts a folder with everything below it under a prefix.</summary>
    public async Task UploadAsync(string folder, string prefix) => await Parallel.ForEachAsync(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories), new ParallelOptions { MaxDegreeOfParallelism = 8 },
        async (file, ct) => await PutAsync($"{prefix}/{Path.GetRelativePath(folder, file)}", await File.ReadAllBytesAsync(file, ct)));

    /// <summary>Puts one object.</summary>
    public Task PutAsync(string key, byte[] content) => Clients.S3.PutAsync(Bucket, key, new MemoryStream(content), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        _door.Dispose();
        await Simulator.DisposeAsync();
    }
}
