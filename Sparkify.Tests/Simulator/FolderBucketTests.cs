using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Sparkify.Simulator;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Simulator;

/// <summary>Buckets whose objects are the files of a folder, driven by the official S3 client.</summary>
public sealed class FolderBucketTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private SimulatorServer _server = null!;
    private AmazonS3Client _s3 = null!;

    public async Task InitializeAsync()
    {
        _folder.Write("log/2018/a.json", "0123456789");
        _folder.Write("log/b and c.json", "{}");
        _folder.Write("song/x.json", "{}");
        _server = await SimulatorServer.StartAsync(
            new SimulatorOptions { Buckets = new Dictionary<string, string> { ["mine"] = _folder.Path } });
        _s3 = new AmazonS3Client(new BasicAWSCredentials(_server.Options.AccessKey, _server.Options.SecretKey), new AmazonS3Config
        {
            ServiceURL = _server.Url.ToString(),
            AuthenticationRegion = _server.Options.Region,
            ForcePathStyle = true,
        });
    }

    public async Task DisposeAsync()
    {
        _s3.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Files_are_listed_in_pages_and_read_whole_or_in_part()
    {
        List<string> keys = [];
        var request = new ListObjectsV2Request { BucketName = "mine", Prefix = "", MaxKeys = 2 };
        ListObjectsV2Response page;
        do
        {
            page = await _s3.ListObjectsV2Async(request);
            keys.AddRange(page.S3Objects.Select(o => o.Key));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);

        Assert.Equal(["log/2018/a.json", "log/b and c.json", "song/x.json"], keys);
        Assert.Equal(["log/", "song/"], (await _s3.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = "mine", Delimiter = "/" })).CommonPrefixes);
        Assert.Equal("0123456789", await TextAsync("log/2018/a.json", null));
        Assert.Equal("345", await TextAsync("log/2018/a.json", new ByteRange(3, 5)));
        Assert.Equal("{}", await TextAsync("log/b and c.json", null));
        Assert.Equal(new S3Total(3, 15), _server.S3Totals["GetObject"]);
        Assert.Equal(
            HttpStatusCode.NotFound, (await Assert.ThrowsAsync<NoSuchKeyException>(() => TextAsync("../secret", null))).StatusCode);
    }

    [Fact]
    public async Task What_is_written_or_deleted_never_touches_the_folder()
    {
        await _s3.PutObjectAsync(new PutObjectRequest { BucketName = "mine", Key = "song/x.json", ContentBody = "changed" });
        await _s3.PutObjectAsync(new PutObjectRequest { BucketName = "mine", Key = "new.json", ContentBody = "new" });
        await _s3.DeleteObjectsAsync(new DeleteObjectsRequest
        {
            BucketName = "mine",
            Objects = [new() { Key = "log/2018/a.json" }, new() { Key = "log/b and c.json" }],
        });
        Assert.Equal(["new.json", "song/x.json"], (await _s3.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = "mine" })).S3Objects.Select(o => o.Key));
        Assert.Equal("changed", await TextAsync("song/x.json", null));
        Assert.Equal("{}", await File.ReadAllTextAsync(Path.Combine(_folder.Path, "song", "x.json")));
        Assert.True(File.Exists(Path.Combine(_folder.Path, "log", "2018", "a.json")));
        await _s3.DeleteObjectAsync("mine", "song/x.json");
        await Assert.ThrowsAsync<NoSuchKeyException>(() => TextAsync("song/x.json", null));
    }

    [Fact]
    public async Task A_denied_object_is_denied_to_everyone()
    {
        _server.Faults.DenyObject("mine", "song/x.json");
        Assert.Equal("AccessDenied", (await Assert.ThrowsAsync<AmazonS3Exception>(() => TextAsync("song/x.json", null))).ErrorCode);
    }

    private async Task<string> TextAsync(string key, ByteRange? range)
    {
        using var answer = await _s3.GetObjectAsync(new GetObjectRequest { BucketName = "mine", Key = key, ByteRange = range });
        using var reader = new StreamReader(answer.ResponseStream);
        return await reader.ReadToEndAsync();
    }
}
