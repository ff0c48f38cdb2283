using Bunit;
using MudBlazor;
using MudBlazor.Utilities;
using Sparkify.Web.Shared;

namespace Sparkify.Tests.Web;

public sealed class ThemeTests : PageTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Theme_TextOnItsGround_CanBeRead(bool dark)
    {
        Palette p = dark ? Theme.Night.PaletteDark : Theme.Day.PaletteLight;
        (string Name, MudColor Text, MudColor Ground)[] pairs =
        [
            .. from ground in new[] { p.Background, p.BackgroundGray, p.Surface, p.TableHover }
               from text in new[] { p.TextPrimary, p.TextSecondary, p.Primary, p.Success, p.Warning, p.Error, p.Secondary }
               select ("text", text, ground),
            ("on primary", p.PrimaryContrastText, p.Primary), ("on primary, pointed at", p.PrimaryContrastText, p.PrimaryDarken),
            ("on secondary", p.SecondaryContrastText, p.Secondary), ("on tertiary", p.TertiaryContrastText, p.Tertiary),
            ("on info", p.InfoContrastText, p.Info),
            ("on success", p.SuccessContrastText, p.Success), ("on warning", p.WarningContrastText, p.Warning),
            ("on error", p.ErrorContrastText, p.Error),
            ("on dark", p.DarkContrastText, p.Dark), ("bar", p.AppbarText, p.AppbarBackground),
            ("drawer", p.DrawerText, p.DrawerBackground), ("drawer icon", p.DrawerIcon, p.DrawerBackground),
        ];

        Assert.Empty(pairs.Where(pair => Contrast(pair.Text, pair.Ground) < 4.5)
            .Select(pair => $"{pair.Name} {pair.Text} on {pair.Ground}"));
        Assert.True(Contrast(p.LinesInputs, p.Surface) >= 3, "The edge of a field cannot be seen.");
    }

    [Fact]
    public void Contrast_OfKnownColours_IsTheirs()
    {
        Assert.Equal(21, Contrast("#000000", "#ffffff"), 2);
        Assert.Equal(4.54, Contrast("#767676", "#ffffff"), 2);
    }

    [Fact]
    public void Themes_OfDayAndNight_HoldOnDifferentPages()
    {
        var night = Render<MudThemeProvider>(p => p.Add(t => t.Theme, Theme.Night).Add(t => t.IsDarkMode, true)).Markup;

        Assert.Contains(":root[data-scheme=dark]{", night.ReplaceLineEndings(""), StringComparison.Ordinal);
        Assert.Contains("--mud-native-html-color-scheme: dark", night, StringComparison.Ordinal);
    }

    // As WCAG 2 counts it.
    private static double Contrast(MudColor one, MudColor other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);

        static double Luminance(MudColor color) => (0.2126 * Linear(color.R)) + (0.7152 * Linear(color.G)) + (0.0722 * Linear(color.B));

        static double Linear(byte part) =>
            part / 255.0 is var share && share <= 0.04045 ? share / 12.92 : Math.Pow((share + 0.055) / 1.055, 2.4);
    }
}
