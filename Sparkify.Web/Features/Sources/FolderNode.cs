using Sparkify.Core.Sources;

namespace Sparkify.Web.Features.Sources;

/// <summary>A folder of a source with what lies below it.</summary>
/// <param name="Name">Its own name; empty for the whole source.</param>
/// <param name="Path">The name from the source's beginning, with a slash at its end; empty for the whole source.</param>
public sealed record FolderNode(string Name, string Path)
{
    private readonly SortedDictionary<string, FolderNode> _folders = new(StringComparer.Ordinal);

    /// <summary>The folders in it, by name.</summary>
    public IReadOnlyCollection<FolderNode> Folders => _folders.Values;

    /// <summary>How many files lie in it and below.</summary>
    public int Files { get; private set; }

    /// <summary>The folders that the names of files tell of.</summary>
    public static FolderNode Of(IEnumerable<SourceFile> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var root = new FolderNode("", "");
        foreach (var file in files)
        {
            var folder = root;
            folder.Files++;
            var from = 0;
            for (var slash = file.Name.IndexOf('/'); slash >= 0; slash = file.Name.IndexOf('/', from))
            {
                var name = file.Name[from..slash];
                from = slash + 1;
                if (!folder._folders.TryGetValue(name, out var below))
                {
                    folder._folders.Add(name, below = new FolderNode(name, file.Name[..from]));
                }

                (folder = below).Files++;
            }
        }

        return root;
    }
}
