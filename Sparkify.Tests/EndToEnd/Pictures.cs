using Microsoft.Playwright;

namespace Sparkify.Tests.EndToEnd;

/// <summary>Pictures of pages for the documentation.</summary>
internal static class Pictures
{
    /// <summary>Where they go; none when nobody asked for any.</summary>
    public static string? Folder { get; } = Environment.GetEnvironmentVariable("SPARKIFY_PICTURES");

    /// <summary>Takes one as soon as the page has come to rest, and keeps it where pictures are asked for.</summary>
    public static async Task TakeAsync(IPage page, string name)
    {
        await page.WaitForFunctionAsync("() => !document.querySelector('.loading, .mud-skeleton, [aria-busy=true]')");
        var picture = await page.ScreenshotAsync(new() { Animations = ScreenshotAnimations.Disabled });

        Assert.True(picture.Length > 10_000, $"{name} shows nothing.");
        if (Folder is not null)
        {
            await File.WriteAllBytesAsync(Path.Combine(Folder, name + ".png"), picture);
        }
    }
}
