using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sparkify.Core.Common;

namespace Sparkify.Core.Storage.Embedded;

/// <summary>Where an embedded server keeps what it needs: data, socket, password.</summary>
internal sealed class PostgresFolder(string root)
{
    // sockaddr_un holds 107 bytes on Linux and 103 on macOS, and the file name takes 17 of them.
    private const int LongestSocketFolder = 84;

    /// <summary>The folder that holds the rest.</summary>
    public string Root { get; } = root;

    /// <summary>The cluster's files.</summary>
    public string Data { get; } = Path.Combine(root, "data");

    /// <summary>Where a cluster is made before it is put in place, so that an interrupted start leaves no half of one.</summary>
    public string NewData { get; } = Path.Combine(root, "data.new");

    /// <summary>The file with the superuser's password, readable by its owner only.</summary>
    public string PasswordFile { get; } = Path.Combine(root, "password");

    /// <summary>The file with the password that is about to take its place; there for as long as it may hold.</summary>
    public string NextPasswordFile { get; } = Path.Combine(root, "password.next");

    /// <summary>The lock one running application holds.</summary>
    public string LockFile { get; } = Path.Combine(root, "sparkify.lock");

    /// <summary>The server's own lock file.</summary>
    public string PidFile => Path.Combine(Data, "postmaster.pid");

    /// <summary>
    /// The folder of the Unix socket: inside the root, or a short one in the temporary folder when the root's path is too long or holds
    /// what lists of hosts are split at.
    /// </summary>
    public string Socket { get; } = Encoding.UTF8.GetByteCount(root) + 4 <= LongestSocketFolder && root.IndexOfAny([',', ':', '"']) < 0
        ? Path.Combine(root, "run")
        : Path.Combine(Path.GetTempPath(), $"sparkify-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root)))[..12]}");

    /// <summary>The major version that made the cluster, or none when there is none yet.</summary>
    public int? Major()
    {
        var file = Path.Combine(Data, "PG_VERSION");
        if (File.Exists(file) && int.TryParse(
            File.ReadAllText(file).Trim().Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major))
        {
            return major;
        }

        return !Directory.Exists(Data) ? null : throw SparkifyException.Unavailable(
            $"The folder '{Data}' is there but holds no PostgreSQL database (no PG_VERSION with a number in it). " +
            "Restore it, or move it away to begin with an empty database.");
    }

    /// <summary>The superuser's password; made at the first call.</summary>
    public string Password()
    {
        if (new FileInfo(PasswordFile) is not { Exists: true, Length: > 0 })
        {
            Directory.CreateDirectory(Root);
            File.Delete(PasswordFile); // empty: killed between making and writing it
            SecretFile.Create(PasswordFile, NewPassword());
        }

        return File.ReadAllText(PasswordFile).Trim();
    }

    /// <summary>Writes down the password that is to take its place, before the server is told of it.</summary>
    public string WriteNextPassword()
    {
        var password = NewPassword();
        SecretFile.Replace(NextPasswordFile, password);
        return password;
    }

    /// <summary>The password that is to take its place, when the server was told of it or is about to be.</summary>
    public string? NextPassword() => File.Exists(NextPasswordFile) ? File.ReadAllText(NextPasswordFile).Trim() : null;

    /// <summary>Puts the next password into the place of the one there is.</summary>
    public void TakeNextPassword() => File.Move(NextPasswordFile, PasswordFile, overwrite: true);

    /// <summary>Forgets a next password that is sure never to hold.</summary>
    public void ForgetNextPassword() => File.Delete(NextPasswordFile);

    /// <summary>Takes the lock; the operating system gives it back when the process ends, however it ends.</summary>
    public FileStream Lock()
    {
        try
        {
            return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException ex)
        {
            throw SparkifyException.Unavailable($"'{LockFile}' may not be written by the account '{Environment.UserName}'. " +
                "Give that account the data folder, or choose another with Sparkify:DataDirectory.", ex);
        }
        catch (IOException ex) when (File.Exists(LockFile))
        {
            throw SparkifyException.Unavailable($"Another Sparkify already uses the data folder '{Root}'. " +
                "Stop it first, or start this one with another Sparkify:DataDirectory.", ex);
        }
    }

    /// <summary>Whether a running application holds the lock.</summary>
    public bool IsLocked()
    {
        if (!File.Exists(LockFile))
        {
            return false;
        }

        try
        {
            Lock().Dispose();
            return false;
        }
        catch (SparkifyException ex) when (ex.InnerException is IOException)
        {
            return true;
        }
    }

    private static string NewPassword() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
}
