namespace Sparkify.Web.Shared;

/// <summary>
/// The project's own fonts, Geist and Geist Mono (OFL-1.1), their Latin part. Their rules stand in the page and not in a style sheet, so
/// that the files go by their fingerprinted names and are kept by the browser for good.
/// </summary>
internal static class FontFaces
{
    /// <summary>The file of the text font; every page needs it.</summary>
    public const string Text = "fonts/geist.woff2";

    /// <summary>The file of the font for code; asked for where code is.</summary>
    public const string Code = "fonts/geist-mono.woff2";

    /// <summary>Both rules, over the addresses of the two files.</summary>
    public static string Rules(string text, string code) => Rule("Geist", text) + Rule("Geist Mono", code);

    private static string Rule(string family, string address) =>
        $"@font-face{{font-family:\"{family}\";src:url(\"{address}\") format(\"woff2\");font-weight:100 900;font-display:swap}}";
}
