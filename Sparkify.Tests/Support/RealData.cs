namespace Sparkify.Tests.Support;

/// <summary>The real logs and songs that may lie beside the project; tests that use them check first and pass without.</summary>
internal static class RealData
{
    /// <summary>The folder, or none.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>Its events.</summary>
    public static string Events => Path.Combine(Folder!, "log_data");

    /// <summary>Its songs.</summary>
    public static string Songs => Path.Combine(Folder!, "song_data");

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sparkify.Web.sln")))
            {
                var data = Path.Combine(folder.Parent!.FullName, "shared", "data");
                return Directory.Exists(Path.Combine(data, "log_data")) ? data : null;
            }
        }

        return null;
    }
}
