using System.Diagnostics;
using System.Diagnostics.Metrics;
using Sparkify.Core.Aws.Wire;
using Sparkify.Core.Common;

namespace Sparkify.Core.Aws;

/// <summary>What is seen of calls to AWS from outside.</summary>
internal sealed class AwsSignals
{
    private readonly Histogram<double> _calls;
    private readonly Counter<long> _throttled;

    public AwsSignals(IMeterFactory meters)
    {
        var meter = meters.Create(Signals.Name);
        var buckets = new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
        };
        _calls = meter.CreateHistogram(
            "sparkify.aws.call.duration", "s", "How long calls to AWS took, tries again included.", advice: buckets);
        _throttled = meter.CreateCounter<long>(
            "sparkify.aws.throttled", "{try}", "Tries that AWS turned down because there were too many.");
    }

    /// <summary>A call begins.</summary>
    public static Activity? Begin(AwsService service, string operation) =>
        Signals.Spans.StartActivity($"{service.ServiceId}.{operation}", ActivityKind.Client)
            ?.SetTag("rpc.system", "aws-api").SetTag("rpc.service", service.ServiceId).SetTag("rpc.method", operation);

    /// <summary>It has ended; <paramref name="error"/> is the kind of its trouble.</summary>
    public void Ended(Activity? span, AwsService service, string operation, TimeSpan took, int throttled, string? error)
    {
        var tags = new TagList { { "rpc.service", service.ServiceId }, { "rpc.method", operation } };
        if (throttled > 0)
        {
            _throttled.Add(throttled, tags);
            span?.SetTag("sparkify.aws.throttled", throttled);
        }

        if (error is not null)
        {
            tags.Add("error.type", error);
            span?.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error);
        }

        _calls.Record(took.TotalSeconds, tags);
    }
}
