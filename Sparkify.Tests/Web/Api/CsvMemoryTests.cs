using System.Net.Http.Json;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>What the application takes of memory while it streams.</summary>
[Collection(Alone.Name)]
public sealed class CsvMemoryTests(ReportsApiTests.Hostile hostile) : IClassFixture<ReportsApiTests.Hostile>
{
    [Fact]
    public async Task Csv_OfAMillionRows_StreamsWithFlatMemory()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/warehouses/{hostile.Name}/queries?format=csv&notes=false")
        {
            Content = JsonContent.Create(
                new { sql = "select n, md5(n::text) as a, repeat('x', 100) as b, now() as at from generate_series(1, 1000000) n" }),
        };
        using var answer = await hostile.App.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await answer.Content.ReadAsStreamAsync();
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (lines, bytes, peak) = (0L, 0L, 0L);
        var buffer = new byte[1 << 16];
        int read;
        while ((read = await stream.ReadAsync(buffer)) > 0)
        {
            bytes += read;
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
            peak = Math.Max(peak, lines % 100_000 < 500 ? GC.GetTotalMemory(forceFullCollection: true) : 0);
        }

        Assert.Equal(1_000_001, lines);
        Assert.True(bytes > 150_000_000);
        Assert.True(peak - before < 30_000_000, $"{(peak - before) >> 20} MiB more while {bytes >> 20} MiB were streamed");
    }
}
