using MudBlazor;

namespace Sparkify.Web.Shared;

/// <summary>
/// The look of the product: teal on warm paper by day, on warm charcoal by night. The one home of its colours and its type; style sheets
/// name them as <c>--mud-…</c> variables and say only what a theme cannot. Both palettes are written into the page itself, so that the
/// right one holds before the first paint and a switch needs no server.
/// </summary>
internal static class Theme
{
    /// <summary>The theme as it holds on the whole page.</summary>
    public static readonly MudTheme Day = At(":root");

    /// <summary>The theme as it holds where <c>theme.js</c> has marked the page dark.</summary>
    public static readonly MudTheme Night = At(":root[data-scheme=dark]");

    private static string[] Sans => ["Geist", "system-ui", "Segoe UI", "Noto Sans", "sans-serif"];

    private static MudTheme At(string scope) => new()
    {
        PseudoCss = new PseudoCss { Scope = scope },
        PaletteLight = Paper(),
        PaletteDark = Charcoal(),
        LayoutProperties = new LayoutProperties
        {
            DefaultBorderRadius = "6px",
            AppbarHeight = "48px",
            DrawerWidthLeft = "200px",
            DrawerMiniWidthLeft = "52px",
        },
        Typography = Type(),
        Shadows = Flat(),
    };

    private static PaletteLight Paper() => new()
    {
        Primary = "#0b6478",
        PrimaryContrastText = "#ffffff",
        PrimaryDarken = "#084c5b",
        PrimaryLighten = "#3c8797",
        // Violet: a person must decide.
        Secondary = "#6a45a3",
        SecondaryContrastText = "#ffffff",
        // The spark.
        Tertiary = "#a65a00",
        TertiaryContrastText = "#ffffff",
        Info = "#0b6478",
        InfoContrastText = "#ffffff",
        Success = "#1b6b3f",
        SuccessContrastText = "#ffffff",
        Warning = "#8a5300",
        WarningContrastText = "#ffffff",
        Error = "#b02a20",
        ErrorContrastText = "#ffffff",
        Dark = "#192124",
        DarkContrastText = "#ffffff",
        Background = "#f7f5f0",
        BackgroundGray = "#f1eee6",
        Surface = "#ffffff",
        OverlayDark = "#19212466",
        AppbarBackground = "#f1eee6",
        AppbarText = "#192124",
        DrawerBackground = "#f1eee6",
        DrawerText = "#414c50",
        DrawerIcon = "#5a666a",
        TextPrimary = "#192124",
        TextSecondary = "#566165",
        TextDisabled = "#687275",
        ActionDefault = "#566165",
        ActionDisabled = "#8b9497",
        ActionDisabledBackground = "#ebe7dd",
        LinesDefault = "#e3ded2",
        LinesInputs = "#8c8779",
        TableLines = "#ece8de",
        TableHover = "#f7f5f0",
        Divider = "#e3ded2",
        DividerLight = "#efebe2",
        Skeleton = "#efebe2",
        HoverOpacity = 0.05,
    };

    private static PaletteDark Charcoal() => new()
    {
        Primary = "#56c2d1",
        PrimaryContrastText = "#05252b",
        PrimaryDarken = "#7ad4e0",
        PrimaryLighten = "#2f8d9b",
        Secondary = "#c3a8f3",
        SecondaryContrastText = "#1f0f3a",
        Tertiary = "#f0ad57",
        TertiaryContrastText = "#2a1800",
        Info = "#56c2d1",
        InfoContrastText = "#05252b",
        Success = "#6bcb93",
        SuccessContrastText = "#062414",
        Warning = "#edb552",
        WarningContrastText = "#2a1b00",
        Error = "#ff9287",
        ErrorContrastText = "#330a06",
        Dark = "#ebeae5",
        DarkContrastText = "#141413",
        Background = "#141413",
        BackgroundGray = "#0f0f0e",
        Surface = "#1b1c1b",
        OverlayDark = "#000000aa",
        AppbarBackground = "#0f0f0e",
        AppbarText = "#ebeae5",
        DrawerBackground = "#0f0f0e",
        DrawerText = "#bdbcb4",
        DrawerIcon = "#9b9c93",
        TextPrimary = "#ebeae5",
        TextSecondary = "#a9aaa1",
        TextDisabled = "#85867e",
        ActionDefault = "#a9aaa1",
        ActionDisabled = "#64655e",
        ActionDisabledBackground = "#262725",
        LinesDefault = "#2f302d",
        LinesInputs = "#797a72",
        TableLines = "#272826",
        TableHover = "#222321",
        Divider = "#2f302d",
        DividerLight = "#232422",
        Skeleton = "#282927",
        HoverOpacity = 0.07,
    };

    private static Typography Type() => new()
    {
        Default = new DefaultTypography { FontFamily = Sans, FontSize = "0.875rem", LineHeight = "1.45", LetterSpacing = "0" },
        H1 = new H1Typography
        {
            FontFamily = Sans,
            FontSize = "1.375rem",
            FontWeight = "600",
            LineHeight = "1.2",
            LetterSpacing = "-0.02em",
        },
        H2 = new H2Typography
        {
            FontFamily = Sans,
            FontSize = "0.9375rem",
            FontWeight = "600",
            LineHeight = "1.3",
            LetterSpacing = "-0.006em",
        },
        H3 = new H3Typography { FontFamily = Sans, FontSize = "0.8125rem", FontWeight = "600", LineHeight = "1.3", LetterSpacing = "0" },
        // A figure.
        H4 = new H4Typography
        {
            FontFamily = Sans,
            FontSize = "1.625rem",
            FontWeight = "560",
            LineHeight = "1.1",
            LetterSpacing = "-0.03em",
        },
        // The title of a dialog.
        H6 = new H6Typography
        {
            FontFamily = Sans,
            FontSize = "1.0625rem",
            FontWeight = "600",
            LineHeight = "1.3",
            LetterSpacing = "-0.01em",
        },
        Body1 = new Body1Typography { FontFamily = Sans, FontSize = "0.875rem", LineHeight = "1.45", LetterSpacing = "0" },
        Body2 = new Body2Typography { FontFamily = Sans, FontSize = "0.8125rem", LineHeight = "1.4", LetterSpacing = "0" },
        Caption = new CaptionTypography { FontFamily = Sans, FontSize = "0.75rem", LineHeight = "1.35", LetterSpacing = "0" },
        Button = new ButtonTypography
        {
            FontFamily = Sans,
            FontSize = "0.8125rem",
            FontWeight = "560",
            LineHeight = "1.4",
            LetterSpacing = "0",
            TextTransform = "none",
        },
    };

    // Lines, not shadows: only what floats above the page has one.
    private static Shadow Flat()
    {
        var shadow = new Shadow();
        for (var height = 1; height < shadow.Elevation.Length; height++)
        {
            shadow.Elevation[height] = height < 8 ? "none" : "0 1px 2px rgba(0,0,0,.10), 0 12px 32px rgba(0,0,0,.18)";
        }

        return shadow;
    }
}
