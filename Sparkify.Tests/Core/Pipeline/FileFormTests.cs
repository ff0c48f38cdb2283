using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Runs;
using Sparkify.Tests.Core.Pipeline.Redshift;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

/// <summary>Loads of files that are not what their names say.</summary>
public sealed class FileFormTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Local_GzipUnderAPlainName_IsReadWhole_AndWhatIsLeftOutIsTold()
    {
        var source = Source.Write(_folder, [Source.Event(item: 1)], [Source.Song()]);
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(source);
        var many = Enumerable.Range(2, 498).Select(static i => Source.Event(item: i)).ToList();
        await WriteAsync("log_data/b.json", Gzip(string.Join('\n', many)));
        _folder.Write("log_data/c.jsonl", Source.Event(item: 500));
        _folder.Write("log_data/d.txt", Source.Event(item: 501));

        var run = await warehouse.LoadAsync();

        Assert.Equal(["(500)"], await warehouse.RowsAsync("select count(*) from songplays"));
        Assert.Equal(0, run.Rejects);
        Assert.Equal("3 event and 1 song files; 1 left out", run.Steps.Single(static s => s.Name == "scan").Message);
        var log = await warehouse.App.Services.GetRequiredService<IRuns>().LogAsync(run.Id, 0, 1000, CancellationToken.None);
        Assert.Contains(log, static line =>
            line.Level == RunLogLevel.Warning && line.Message.Contains("1 file with another ending ('d.txt')", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Local_FilesThatHoldNoRecord_FailTheLoadByName_AndTheOldStarStays()
    {
        var source = Source.Write(_folder, [Source.Event(item: 1)], [Source.Song()]);
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(source);
        await warehouse.LoadAsync();

        await WriteAsync("log_data/b.json", [.. "PAR1"u8, 0x15, 0, 0x15, 0]);
        Assert.Contains("'b.json' is a Parquet file", (await warehouse.TryLoadAsync()).Error, StringComparison.Ordinal);

        await WriteAsync("log_data/b.json", Encoding.Unicode.GetBytes(Source.Event(item: 2)));
        Assert.Contains("'b.json' is text in UTF-16", (await warehouse.TryLoadAsync()).Error, StringComparison.Ordinal);

        File.Delete(Path.Combine(_folder.Path, "log_data/b.json"));
        await WriteAsync("log_data/c.json.gz", []);
        Assert.Contains("is empty, though a .gz file never is", (await warehouse.TryLoadAsync()).Error, StringComparison.Ordinal);
        Assert.Equal(["(1)"], await warehouse.RowsAsync("select count(*) from songplays"));
    }

    [Fact]
    public async Task Redshift_GzipUnderAPlainName_IsReadWhole_AndAForeignFormFailsByName()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync([Source.Event(item: 1)], [Source.Song()]);
        var many = Enumerable.Range(2, 299).Select(static i => Source.Event(item: i)).ToList();
        await CloudWarehouse.PutAsync(cloud.Bench, "log_data/2018/11/gz.json", Gzip(string.Join('\n', many)));

        var run = await cloud.LoadAsync();

        Assert.Equal(["300"], await cloud.RowsAsync("select count(*) from dwh.songplays"));
        Assert.Equal(0, run.Rejects);

        await CloudWarehouse.PutAsync(cloud.Bench, "log_data/2018/11/p.json", [.. "PAR1"u8, 0x15, 0, 0x15, 0]);
        Assert.Contains("p.json' is a Parquet file", await cloud.RefusedLoadAsync(), StringComparison.Ordinal);
        Assert.Equal(["300"], await cloud.RowsAsync("select count(*) from dwh.songplays"));
    }

    [Fact]
    public async Task Redshift_SourceThatNamesOneObject_LoadsIt()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync(
            async bench =>
            {
                await CloudWarehouse.PutAsync(bench, "log_data/a.json", Source.Event(item: 1));
                await CloudWarehouse.PutAsync(bench, "log_data/b.json", Source.Event(item: 2));
                await CloudWarehouse.PutAsync(bench, "song_data/a.json", Source.Song());
            },
            new { events = $"s3://{SimulatedApp.Bucket}/log_data/a.json", songs = $"arn:aws:s3:::{SimulatedApp.Bucket}/song_data" });

        await cloud.LoadAsync();

        Assert.Equal(["1"], await cloud.RowsAsync("select item_in_session from dwh.songplays"));
    }

    private Task WriteAsync(string name, byte[] content)
    {
        var path = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return File.WriteAllBytesAsync(path, content);
    }

    private static byte[] Gzip(string text)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
