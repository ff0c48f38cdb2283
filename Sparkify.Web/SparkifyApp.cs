namespace Sparkify.Web;

/// <summary>Puts the application together; tests use the same door.</summary>
public static class SparkifyApp
{
    /// <summary>Builds the application. <paramref name="before"/> runs first, so that tests can register stand-ins that win.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? before = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        before?.Invoke(builder);
        return builder.Build();
    }
}
