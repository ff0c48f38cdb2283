using Microsoft.Win32.SafeHandles;

namespace Sparkify.Core.Sources;

/// <summary>Where a path really leads once every link in it is followed.</summary>
internal static class RealPath
{
    // What Linux itself allows before it answers ELOOP.
    private const int MostLinks = 40;

    /// <summary>
    /// The path with every symbolic link in it followed, also those of its parents. Parts that do not exist stay as they are.
    /// Throws an <see cref="IOException"/> when links lead in a circle.
    /// </summary>
    public static string Resolve(string path)
    {
        var root = Path.GetPathRoot(path) ?? throw new IOException($"'{path}' is not a full path.");
        var real = root;
        var pending = new Stack<string>();
        Push(pending, path[root.Length..]);
        var links = 0;
        while (pending.TryPop(out var part))
        {
            // A link's target may climb: ".." after a link means the parent of where the link leads, so text alone cannot tell.
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"there are too many symbolic links in it, or they lead in a circle ('{next}').");
            }

            if (Path.IsPathFullyQualified(target))
            {
                real = Path.GetPathRoot(target)!;
                target = target[real.Length..];
            }

            Push(pending, target);
        }

        return real;
    }

    /// <summary>Where an open file really is; where the system does not tell, where its name leads just now.</summary>
    public static string Of(SafeFileHandle open, string path) =>
        OperatingSystem.IsLinux() && new FileInfo($"/proc/self/fd/{open.DangerousGetHandle()}").LinkTarget is ['/', ..] real
            ? real : SourceAccess.Resolve(path);

    /// <summary>Whether a path is a folder itself or something below it. Both must be real paths.</summary>
    public static bool IsInside(string path, string folder)
    {
        var edge = Path.TrimEndingDirectorySeparator(folder);
        return path.StartsWith(edge, StringComparison.Ordinal)
            && (path.Length == edge.Length || edge.EndsWith(Path.DirectorySeparatorChar)
                || path[edge.Length] == Path.DirectorySeparatorChar);
    }

    private static void Push(Stack<string> pending, string path)
    {
        var parts = path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
        for (var i = parts.Length - 1; i >= 0; i--)
        {
            if (parts[i] != ".")
            {
                pending.Push(parts[i]);
            }
        }
    }
}
