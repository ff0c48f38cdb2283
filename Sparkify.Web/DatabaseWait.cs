using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Web;

/// <summary>While the database is known not to answer, nobody waits for it: whoever asks is told at once.</summary>
internal static class DatabaseWait
{
    public static void UseDatabaseWait(this WebApplication app)
    {
        var watch = app.Services.GetRequiredService<IStoreWatch>();
        app.Use((context, next) => watch.IsAway && context.Request.Path.Value is not ("/healthz" or "/readyz")
            ? throw DatabaseFaults.StillAway()
            : next(context));
    }
}
