using Microsoft.AspNetCore.Hosting.StaticWebAssets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor;
using MudBlazor.Services;
using Sparkify.Web.Components;
using Sparkify.Web.Components.Layout;
using Sparkify.Web.Features.Wizard;
using Sparkify.Web.Shared;

namespace Sparkify.Web;

/// <summary>The browser-facing half: what it needs registered, and where it answers.</summary>
public static class WebUi
{
    /// <summary>The list of static files, written next to this assembly by the build.</summary>
    private const string Manifest = "Sparkify.Web.staticwebassets.endpoints.json";

    /// <summary>Registers the pages and what they share.</summary>
    public static IServiceCollection AddSparkifyUi(this IServiceCollection services)
    {
        // The longest query a person may write comes in one message.
        services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(hub => hub.MaximumReceiveMessageSize = 1 << 20);
        services.AddCascadingAuthenticationState();
        services.AddAntiforgery(static forms => forms.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest);
        // The page itself, which carries the theme; its files are compressed by the build.
        services.AddResponseCompression(compression => compression.MimeTypes = ["text/html"]);
        return services.AddPageServices();
    }

    /// <summary>What pages themselves ask for, without the server around them; tests of pages need no more.</summary>
    internal static IServiceCollection AddPageServices(this IServiceCollection services)
    {
        services.AddMudServices(mud =>
        {
            var snackbars = mud.SnackbarConfiguration;
            snackbars.PositionClass = Defaults.Classes.Position.BottomLeft;
            snackbars.ShowTransitionDuration = 150;
            snackbars.HideTransitionDuration = 150;
            snackbars.VisibleStateDuration = 6_000;
        });
        services.TryAddSingleton(TimeProvider.System);
        services.AddScoped<BrowserClock>();
        services.AddScoped<Commands>();
        services.AddScoped<PaletteSearch>();
        services.AddScoped<DraftStorage>();
        return services;
    }

    /// <summary>Maps the pages and the static files they use. Paths nobody else answers get the page that says so.</summary>
    public static WebApplication MapSparkifyUi(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        // The host does this by itself only in Development; run from the build folder, the app needs it in every environment.
        StaticWebAssetsLoader.UseStaticWebAssets(app.Environment, app.Configuration);
        app.UseResponseCompression();
        app.UseMudFiles();
        app.UseAntiforgery();
        app.MapStaticAssets(Path.Combine(AppContext.BaseDirectory, Manifest)).AllowAnonymous();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        return app;
    }
}
