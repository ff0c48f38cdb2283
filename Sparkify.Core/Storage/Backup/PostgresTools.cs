using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage.Embedded;

namespace Sparkify.Core.Storage.Backup;

/// <summary>PostgreSQL's own programs for backups, run against the store's database.</summary>
/// <param name="folder">Where they are.</param>
/// <param name="database">How to connect to it.</param>
internal sealed class PostgresTools(string folder, NpgsqlConnectionStringBuilder database)
{
    /// <summary>Dumps the database into a file, but for the tables of the job queue, which are made anew. Throws a sentence.</summary>
    public Task DumpAsync(string file, string queue, CancellationToken ct) => RunAsync(
        "pg_dump", ["--format=custom", "--no-owner", "--no-privileges", $"--exclude-schema={queue}", $"--file={file}"],
        "The store was not backed up.", ct);

    /// <summary>Fills the empty database from such a file, all of it or nothing. Throws a sentence.</summary>
    public Task RestoreAsync(string file, CancellationToken ct) => RunAsync(
        "pg_restore", ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", $"--dbname={database.Database}", file],
        "The store was not restored.", ct);

    private async Task RunAsync(string program, string[] arguments, string problem, CancellationToken ct)
    {
        var path = Path.Combine(folder, program);
        if (!File.Exists(path))
        {
            throw SparkifyException.Unavailable(
                $"{problem} PostgreSQL's {program} is not in '{folder}'. Install its client programs (postgresql-client), or name their folder in Sparkify:PostgresBinaries.");
        }

        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // What would steer them elsewhere (PGSERVICE, PGHOSTADDR and the like) is not for them.
        foreach (var inherited in start.Environment.Keys.Where(static k => k.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(inherited);
        }

        // In the environment, where other users cannot read it as they can arguments.
        start.Environment["PGHOST"] = database.Host;
        start.Environment["PGPORT"] = database.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["PGUSER"] = database.Username;
        start.Environment["PGPASSWORD"] = database.Password;
        start.Environment["PGDATABASE"] = database.Database;
        start.Environment["PGSSLMODE"] = database.SslMode switch
        {
            SslMode.VerifyCA => "verify-ca",
            SslMode.VerifyFull => "verify-full",
            var mode => mode.ToString().ToLowerInvariant(),
        };
        if (database.RootCertificate is { Length: > 0 } root)
        {
            start.Environment["PGSSLROOTCERT"] = root;
        }

        var (code, output) = await PostgresAccount.RunAsync(start, ct);
        if (code != 0)
        {
            throw SparkifyException.Unavailable($"{problem} {program} said: {output}");
        }
    }
}
