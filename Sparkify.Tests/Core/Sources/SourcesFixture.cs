using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Sources.Sample;
using Sparkify.Core.Star;

namespace Sparkify.Tests.Core.Sources;

/// <summary>A folder of its own for one test, and sources that may be told where to read.</summary>
public abstract class SourcesFixture : IDisposable
{
    protected const string Event = """{"artist":null,"auth":"Logged In","page":"Home","sessionId":1,"ts":1541105830796,"userId":"39"}""";
    protected const string Song = """{"num_songs": 1, "artist_id": "AR1", "song_id": "SO1", "title": "A", "duration": 1.5, "year": 0}""";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("sparkify-sources-");
    private readonly List<SampleFolder> _samples = [];

    protected string Root => RealPath.Resolve(_root.FullName);

    protected string DataDirectory => Path.Combine(Root, "data-directory");

    /// <summary>Where <c>s3://</c> locations are looked for; nowhere unless a test says so.</summary>
    private protected virtual IAws Aws { get; } = new NoAws();

    protected string Folder(string name) => Directory.CreateDirectory(Path.Combine(Root, name)).FullName;

    protected string File(string name, string content) => File(name, Encoding.UTF8.GetBytes(content));

    protected string File(string name, byte[] content)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }

    protected static byte[] Gzip(string content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(content));
        }

        return packed.ToArray();
    }

    /// <summary>A JSONPaths file for the events: each column has its own key but one.</summary>
    protected static string JsonPaths(string key, string path) =>
        JsonSerializer.Serialize(
            new { jsonpaths = StarSchema.StagingEvents.Columns.Select(c => c.JsonKey == key ? path : $"$['{c.JsonKey}']") });

    internal ISources Sources(params string[] allowed) => SourcesOf(Aws, allowed);

    internal ISources SourcesOf(IAws aws, params string[] allowed)
    {
        var sparkify = Options.Create(new SparkifyOptions { DataDirectory = DataDirectory });
        var samples = new SampleFolder(sparkify);
        _samples.Add(samples);
        return new SourceCatalog(
            new SourceAccess(Options.Create(new SourceOptions { AllowedFolders = allowed }), sparkify), new S3Buckets(aws), samples);
    }

    /// <summary>Opens the folders <c>events</c> and <c>songs</c> of this test.</summary>
    protected Task<ISource> OpenAsync(params string[] allowed) =>
        Sources(allowed).OpenAsync(new LocationSource(Path.Combine(Root, "events"), Path.Combine(Root, "songs")), null, default);

    protected static async Task<List<SourceFile>> ListAsync(ISource source, SourcePart part = SourcePart.Events)
    {
        List<SourceFile> files = [];
        await foreach (var file in source.ListAsync(part, default))
        {
            files.Add(file);
        }

        return files;
    }

    /// <summary>The sentence that listing the events is refused with.</summary>
    protected static async Task<string> RefusalAsync(ISource source) =>
        (await Assert.ThrowsAsync<SparkifyException>(() => ListAsync(source))).Message;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        _samples.ForEach(static samples => samples.Dispose());
        _root.Delete(recursive: true);
    }

    private sealed class NoAws : IAws
    {
        public ValueTask<AwsClients> ForAsync(AwsPlace place, CancellationToken ct) =>
            throw new AwsException(AwsFault.Credentials, "There are no usable AWS credentials.");
    }
}
