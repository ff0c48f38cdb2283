using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sparkify.Tests.Support;

/// <summary>A span as it came in.</summary>
internal sealed record CollectedSpan(
    string Source, string Trace, string Id, string Parent, string Name, bool Failed, string Why, IReadOnlyList<string> Links,
    IReadOnlyDictionary<string, string> Tags);

/// <summary>A point of an instrument as it came in; of a histogram its count and its sum.</summary>
internal sealed record CollectedPoint(
    string Meter, string Name, string Unit, double Value, long Count, IReadOnlyDictionary<string, string> Tags);

/// <summary>A real server that takes OTLP over HTTP, as a collector does.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<CollectedSpan> _spans = new();
    private readonly ConcurrentQueue<byte[]> _bodies = new();
    private IReadOnlyList<CollectedPoint> _points = [];

    private Collector(WebApplication server) => _server = server;

    /// <summary>The spans so far.</summary>
    public IReadOnlyList<CollectedSpan> Spans => [.. _spans];

    /// <summary>The instruments as they stood last.</summary>
    public IReadOnlyList<CollectedPoint> Points => Volatile.Read(ref _points);

    /// <summary>All that came in, as characters.</summary>
    public string Everything => string.Concat(_bodies.Select(Encoding.Latin1.GetString));

    /// <summary>What tells the application where it is.</summary>
    public Dictionary<string, string> Environment => new(StringComparer.Ordinal)
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _server.Urls.Single(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        // None is left out, however many there are at once.
        ["OTEL_BSP_MAX_QUEUE_SIZE"] = "100000",
    };

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new Collector(builder.Build());
        collector._server.MapPost("/v1/traces", http => collector.TakeAsync(http, collector.TakeSpans));
        collector._server.MapPost("/v1/metrics", http => collector.TakeAsync(http, collector.TakePoints));
        await collector._server.StartAsync();
        return collector;
    }

    /// <summary>The sum of what an instrument's points with some tags say.</summary>
    public double Sum(string instrument, params (string Name, string Value)[] tags) => Points.Where(
        p => p.Name == instrument && tags.All(t => p.Tags.GetValueOrDefault(t.Name) == t.Value)).Sum(static p => p.Value);

    /// <summary>How many values an instrument's histograms with some tags have.</summary>
    public long Count(string instrument, params (string Name, string Value)[] tags) => Points.Where(
        p => p.Name == instrument && tags.All(t => p.Tags.GetValueOrDefault(t.Name) == t.Value)).Sum(static p => p.Count);

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private async Task TakeAsync(HttpContext http, Action<Protobuf> take)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        _bodies.Enqueue(body.ToArray());
        take(new Protobuf(body.ToArray()));
        http.Response.ContentType = "application/x-protobuf";
    }

    private void TakeSpans(Protobuf request)
    {
        foreach (var scope in request.Messages(1).SelectMany(static resource => resource.Messages(2)))
        {
            foreach (var span in scope.Messages(2))
            {
                _spans.Enqueue(new CollectedSpan(
                    scope.Message(1).Text(1), span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), span.Message(15).Number(3) == 2,
                    span.Message(15).Text(2), [.. span.Messages(13).Select(static link => link.Hex(1))], Tags(span, 9)));
            }
        }
    }

    private void TakePoints(Protobuf request)
    {
        List<CollectedPoint> points = [];
        foreach (var scope in request.Messages(1).SelectMany(static resource => resource.Messages(2)))
        {
            foreach (var metric in scope.Messages(2))
            {
                // A gauge, a sum, a histogram.
                foreach (var point in metric.Messages(5).Concat(metric.Messages(7)).SelectMany(static kind => kind.Messages(1)))
                {
                    points.Add(Point(scope, metric, point.Has(4) ? point.Double(4) : point.Number(6), 0, Tags(point, 7)));
                }

                foreach (var point in metric.Messages(9).SelectMany(static kind => kind.Messages(1)))
                {
                    points.Add(Point(scope, metric, point.Double(5), point.Number(4), Tags(point, 9)));
                }
            }
        }

        Volatile.Write(ref _points, points);
    }

    private static CollectedPoint Point(
        Protobuf scope, Protobuf metric, double value, long count, IReadOnlyDictionary<string, string> tags) =>
        new(scope.Message(1).Text(1), metric.Text(1), metric.Text(3), value, count, tags);

    private static Dictionary<string, string> Tags(Protobuf message, int field) =>
        message.Messages(field).ToDictionary(static tag => tag.Text(1), static tag => Value(tag.Message(2)), StringComparer.Ordinal);

    private static string Value(Protobuf value) => value.Has(1) ? value.Text(1)
        : value.Has(2) ? value.Number(2) == 1 ? "true" : "false"
        : value.Has(4) ? value.Double(4).ToString(CultureInfo.InvariantCulture)
        : value.Number(3).ToString(CultureInfo.InvariantCulture);
}
