using System.Collections.Concurrent;
using Sparkify.Core.Common;
using Sparkify.Core.People;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Identity;

/// <summary>
/// What is going on in somebody's name just now: circuits, feeds, downloads. They are cut off at once when what let them in ends or
/// changes; whoever still may comes back.
/// </summary>
internal sealed class LiveRequests(IDoor door) : BackgroundService
{
    private readonly ConcurrentDictionary<HttpContext, Caller> _live = new();

    // From the start on, whenever the loop gets to it: nothing that ends is missed.
    private readonly Subscription<Stale> _ends = door.Subscribe();

    /// <summary>Goes on with a request as somebody's, until it ends by itself or they are out.</summary>
    public async Task RunAsync(HttpContext context, Caller who, RequestDelegate next)
    {
        // What only reads can be cut off: a command has been asked for, and is answered.
        var lives = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsConnect(context.Request.Method)
            || context.GetEndpoint()?.Metadata.GetMetadata<OnlyReads>() is not null;
        if (lives)
        {
            _live[context] = who;
        }

        try
        {
            await next(context);
        }
        finally
        {
            _live.TryRemove(context, out _);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using (_ends)
        {
            await foreach (var stale in _ends.Reader.ReadAllAsync(stoppingToken))
            {
                foreach (var (context, who) in _live)
                {
                    if (stale.Concerns(who))
                    {
                        context.Abort();
                    }
                }
            }
        }
    }
}
