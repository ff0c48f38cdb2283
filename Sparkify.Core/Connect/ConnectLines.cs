using System.Globalization;
using System.Text;
using Npgsql;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Connect;

/// <summary>Where a database is, and as whom to get there.</summary>
/// <param name="Host">The host, or the folder of the socket.</param>
/// <param name="Port">The port.</param>
/// <param name="Database">The database.</param>
/// <param name="User">The user.</param>
internal sealed record ConnectPlace(string Host, int Port, string Database, string User)
{
    /// <summary>What to demand of TLS; none for what each program does by itself.</summary>
    public SslMode? Tls { get; init; }

    /// <summary>The file of certificates to check with; none for those of the machine.</summary>
    public string? Certificates { get; init; }

    /// <summary>Whether it is a cluster of Amazon Redshift.</summary>
    public bool Redshift { get; init; }
}

/// <summary>
/// Lines that connect, for several programs, each in the quotes of its language. None holds a password: nothing secret gets into the
/// history of a shell or into a program's text.
/// </summary>
internal static class ConnectLines
{
    private const string OfTheMachine = "/etc/ssl/certs/ca-certificates.crt";
    private const string FromEnvironment = "Takes the password from the environment variable PGPASSWORD";

    /// <summary>Those for a place.</summary>
    public static IReadOnlyList<ConnectLine> Of(ConnectPlace place) =>
    [
        new(ConnectProgram.Psql, Psql(place), $"Asks for the password, or takes it from the file that PGPASSFILE names.{OfCertificates(place)}"),
        new(ConnectProgram.Npgsql, ForNpgsql(place), $"A connection string, for Npgsql 10 or later. {FromEnvironment}, or from the file that PGPASSFILE names."),
        .. IsSocket(place.Host) ? [] : new[]
        {
            new ConnectLine(
                ConnectProgram.Jdbc, Jdbc(place),
                $"Give user and password as properties to DriverManager.getConnection, the password from the environment variable PGPASSWORD.{(place.Redshift ? " With Amazon's driver." : "")}"),
        },
        new(
            ConnectProgram.Python, Python(place),
            $"{FromEnvironment}. Needs {(place.Redshift ? "redshift_connector." : $"psycopg.{OfCertificates(place)}")}"),
    ];

    /// <summary>The line that brings a port of a machine to another one.</summary>
    public static ConnectLine Ssh(string machine, int port) => new(
        ConnectProgram.Ssh,
        string.Create(CultureInfo.InvariantCulture, $"ssh -N -L {port}:127.0.0.1:{port} {Shell($"YOU@{machine}")}"),
        "From another machine: leave it running there, then use the lines above on it.");

    private static bool IsSocket(string host) => host.StartsWith('/') || host.StartsWith('@');

    // One argument, which libpq splits by its own rules.
    private static string Psql(ConnectPlace place)
    {
        List<string> parts =
        [
            $"host={Libpq(place.Host)}", string.Create(CultureInfo.InvariantCulture, $"port={place.Port}"), $"dbname={Libpq(place.Database)}",
            $"user={Libpq(place.User)}",
        ];
        if (place.Tls is { } tls)
        {
            parts.Add($"sslmode={Word(tls)}");
        }

        if (Root(place) is { } root)
        {
            parts.Add($"sslrootcert={Libpq(root)}");
        }

        return $"psql {Shell(string.Join(' ', parts))}";
    }

    private static string ForNpgsql(ConnectPlace place)
    {
        // A login with a password has no use for Kerberos, which Npgsql 10 tries first.
        NpgsqlConnectionStringBuilder text = new(place.Redshift ? RedshiftConnection.Needed : "GSS Encryption Mode=Disable")
        {
            Host = place.Host,
            Port = place.Port,
            Database = place.Database,
            Username = place.User,
        };
        if (place.Tls is { } tls)
        {
            text.SslMode = tls;
        }

        if (place.Certificates is { } file)
        {
            text.RootCertificate = file;
        }

        return text.ConnectionString;
    }

    private static string Jdbc(ConnectPlace place)
    {
        var tls = place.Tls switch
        {
            SslMode.VerifyFull when place.Redshift => ";sslmode=verify-full",
            SslMode.Disable when place.Redshift => ";ssl=false",
            null => "",
            _ when place.Redshift => "",
            // Of Java's own certificates, unless there is a file of them.
            SslMode.VerifyFull or SslMode.VerifyCA when place.Certificates is { } file =>
                $"?sslmode={Word(place.Tls.Value)}&sslrootcert={Uri.EscapeDataString(file)}",
            SslMode.VerifyFull or SslMode.VerifyCA =>
                $"?sslmode={Word(place.Tls.Value)}&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory",
            _ => $"?sslmode={Word(place.Tls.Value)}",
        };
        var host = place.Host.Contains(':', StringComparison.Ordinal) ? $"[{place.Host}]" : place.Host;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"jdbc:{(place.Redshift ? "redshift" : "postgresql")}://{host}:{place.Port}/{Uri.EscapeDataString(place.Database)}{tls}");
    }

    private static string Python(ConnectPlace place)
    {
        var where = string.Create(
            CultureInfo.InvariantCulture, $"host={Literal(place.Host)}, port={place.Port}, {(place.Redshift ? "database" : "dbname")}={Literal(place.Database)}, user={Literal(place.User)}");
        var tls = place switch
        {
            { Redshift: true, Tls: SslMode.Disable } => ", ssl=False",
            { Redshift: true, Tls: SslMode.VerifyFull } => ", sslmode='verify-full'",
            { Redshift: true } or { Tls: null } => "",
            _ => $", sslmode='{Word(place.Tls.Value)}'{(Root(place) is { } root ? $", sslrootcert={Literal(root)}" : "")}",
        };
        var module = place.Redshift ? "redshift_connector" : "psycopg";
        return $"import os, {module}; connection = {module}.connect({where}{tls}, password=os.environ['PGPASSWORD'])";
    }

    private static string Word(SslMode tls) => tls switch
    {
        SslMode.VerifyFull => "verify-full",
        SslMode.VerifyCA => "verify-ca",
        _ => tls.ToString().ToLowerInvariant(),
    };

    // What libpq checks with. It takes the machine's by the word "system" with verify-full only; by itself it looks into the home folder.
    private static string? Root(ConnectPlace place) => place.Tls is not (SslMode.VerifyFull or SslMode.VerifyCA) ? null
        : place.Certificates ?? (place.Tls == SslMode.VerifyFull ? "system" : OfTheMachine);

    private static string OfCertificates(ConnectPlace place) => Root(place) switch
    {
        "system" => $" Before version 16 of libpq name a file of certificates in the place of system, such as {OfTheMachine}.",
        OfTheMachine => $" {OfTheMachine} is where Debian and Ubuntu have the machine's certificates: name yours when it is another.",
        _ => "",
    };

    // https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
    private static string Libpq(string value) => value.Length > 0 && value.All(static c => !char.IsWhiteSpace(c) && c is not ('\'' or '\\'))
        ? value
        : $"'{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";

    // Between single quotes a POSIX shell takes everything as it is, exclamation marks included.
    private static string Shell(string text) => text.Length > 0
        && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '@' or '%' or '_' or '-' or '+' or '=' or ':' or ',' or '.' or '/')
            ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Literal(string text)
    {
        StringBuilder literal = new("'");
        foreach (var c in text)
        {
            _ = c switch
            {
                '\\' or '\'' => literal.Append('\\').Append(c),
                _ when char.IsControl(c) => literal.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => literal.Append(c),
            };
        }

        return literal.Append('\'').ToString();
    }
}
