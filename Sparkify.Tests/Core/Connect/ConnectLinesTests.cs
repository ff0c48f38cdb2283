using Npgsql;
using Sparkify.Core.Connect;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Simulator;

namespace Sparkify.Tests.Core.Connect;

/// <summary>The ready lines, for names that need quotes and for each demand of TLS.</summary>
public sealed class ConnectLinesTests
{
    private const string Odd = "it's a \"$HOME\" `x` \\ !! name";

    [Fact]
    public async Task Psql_OfOddNames_SaysThemAsTheyAre_ToTheShellAndToLibpq()
    {
        var line = Line(ConnectProgram.Psql, new ConnectPlace("/tmp/it's here", 5432, Odd, "o'neill"));
        Assert.StartsWith("psql ", line, StringComparison.Ordinal);

        var (code, output) = await OutsideProgram.RunAsync("/bin/sh", ["-c", $"printf '%s' {line["psql ".Length..]}"], []);

        Assert.Equal(0, code);
        Assert.Equal(
            """host='/tmp/it\'s here' port=5432 dbname='it\'s a "$HOME" `x` \\ !! name' user='o\'neill'""", output);
    }

    [Fact]
    public void Npgsql_OfOddNames_SaysThemAsTheyAre()
    {
        NpgsqlConnectionStringBuilder read = new(Line(ConnectProgram.Npgsql, new ConnectPlace("/tmp/it's; here", 5433, Odd, "o'neill")));

        Assert.Equal(("/tmp/it's; here", 5433, Odd, "o'neill"), (read.Host, read.Port, read.Database, read.Username));
        Assert.Null(read.Password);
    }

    [Fact]
    public async Task Python_OfOddNames_SaysThemAsTheyAre()
    {
        var line = Line(ConnectProgram.Python, new ConnectPlace("/tmp/x\n", 5432, Odd, "o'neill"));
        var stand = $"""
            import sys, types
            psycopg = types.ModuleType('psycopg')
            psycopg.connect = lambda **given: sys.stdout.write('|'.join(str(given[k]) for k in sorted(given)))
            sys.modules['psycopg'] = psycopg
            {line}
            """;

        var (code, output) = await OutsideProgram.RunAsync("python3", ["-c", stand], [new("PGPASSWORD", "secret")]);

        Assert.True(code == 0, output);
        Assert.Equal($"{Odd}|/tmp/x\n|secret|5432|o'neill", output);
    }

    [Fact]
    public void Lines_OfACluster_DemandThatItsCertificateIsChecked()
    {
        ConnectPlace place = new("dwh.abc.us-west-2.redshift.amazonaws.com", 5439, "dev", "ann") { Redshift = true, Tls = SslMode.VerifyFull };

        Assert.Equal(
            "psql 'host=dwh.abc.us-west-2.redshift.amazonaws.com port=5439 dbname=dev user=ann sslmode=verify-full sslrootcert=system'",
            Line(ConnectProgram.Psql, place));
        NpgsqlConnectionStringBuilder npgsql = new(Line(ConnectProgram.Npgsql, place));
        Assert.Equal(
            (SslMode.VerifyFull, GssEncryptionMode.Disable, true), (npgsql.SslMode, npgsql.GssEncryptionMode, npgsql.NoResetOnClose));
        Assert.Equal("jdbc:redshift://dwh.abc.us-west-2.redshift.amazonaws.com:5439/dev;sslmode=verify-full", Line(ConnectProgram.Jdbc, place));
        Assert.Equal(
            "import os, redshift_connector; connection = redshift_connector.connect(host='dwh.abc.us-west-2.redshift.amazonaws.com', port=5439, database='dev', user='ann', sslmode='verify-full', password=os.environ['PGPASSWORD'])",
            Line(ConnectProgram.Python, place));
    }

    [Theory]
    [InlineData(SslMode.VerifyFull, null, "sslmode=verify-full sslrootcert=system", "?sslmode=verify-full&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory", "sslmode='verify-full', sslrootcert='system'")]
    [InlineData(SslMode.VerifyCA, null, "sslmode=verify-ca sslrootcert=/etc/ssl/certs/ca-certificates.crt", "?sslmode=verify-ca&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory", "sslmode='verify-ca', sslrootcert='/etc/ssl/certs/ca-certificates.crt'")]
    [InlineData(SslMode.VerifyCA, "/etc/my ca.pem", "sslmode=verify-ca sslrootcert='/etc/my ca.pem'", "?sslmode=verify-ca&sslrootcert=%2Fetc%2Fmy%20ca.pem", "sslmode='verify-ca', sslrootcert='/etc/my ca.pem'")]
    [InlineData(SslMode.Require, null, "sslmode=require", "?sslmode=require", "sslmode='require'")]
    public void Lines_OfAServer_DemandOfTlsWhatEachProgramTakes(SslMode tls, string? file, string psql, string jdbc, string python)
    {
        ConnectPlace place = new("db.example.com", 5432, "music", "ann") { Tls = tls, Certificates = file };

        var unquoted = Line(ConnectProgram.Psql, place)[..^1].Replace("'\\''", "'", StringComparison.Ordinal);
        Assert.EndsWith($"user=ann {psql}", unquoted, StringComparison.Ordinal);
        Assert.EndsWith($"/music{jdbc}", Line(ConnectProgram.Jdbc, place), StringComparison.Ordinal);
        Assert.Contains($"{python}, password=", Line(ConnectProgram.Python, place), StringComparison.Ordinal);
        NpgsqlConnectionStringBuilder npgsql = new(Line(ConnectProgram.Npgsql, place));
        Assert.Equal((tls, file, GssEncryptionMode.Disable), (npgsql.SslMode, npgsql.RootCertificate, npgsql.GssEncryptionMode));
    }

    // Each is taken by the libraries that are here: that nothing answers is all that is wrong.
    [PythonFact("psql")]
    public async Task Psql_OfEachDemandOfTls_IsTakenByLibpq()
    {
        foreach (var tls in Enum.GetValues<SslMode>())
        {
            var line = Line(ConnectProgram.Psql, new ConnectPlace("127.0.0.1", 1, "music", "ann") { Tls = tls });

            var (_, output) = await OutsideProgram.RunAsync("/bin/sh", ["-c", $"{line} -w 2>&1"], []);

            Assert.Contains("refused", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Jdbc_OfAPort_HasItsForm_AndOfASocketThereIsNone()
    {
        Assert.Equal(
            "jdbc:postgresql://127.0.0.1:5432/sparkify_my_music", Line(ConnectProgram.Jdbc, new ConnectPlace("127.0.0.1", 5432, "sparkify_my_music", "ann")));
        Assert.Equal(
            "jdbc:postgresql://[::1]:5432/a%20b?sslmode=require", Line(ConnectProgram.Jdbc, new ConnectPlace("::1", 5432, "a b", "ann") { Tls = SslMode.Require }));
        Assert.DoesNotContain(
            ConnectLines.Of(new ConnectPlace("/tmp/run", 5432, "a", "ann")), static l => l.Program == ConnectProgram.Jdbc);
    }

    [Theory]
    [InlineData("music", 1, "ann", "sparkify_music_ann_p1")]
    [InlineData("my-music", 12, "Ann.Lee@example.com", "sparkify_my_music_annleeexamplecom_p12")]
    [InlineData("music", 7, "שלום", "sparkify_music_p7")]
    [InlineData("music", 7, "ÄNNCHEN", "sparkify_music_nnchen_p7")]
    public void Names_OfPeople_AreToldByLettersAndDigits_AndTellsThemApart(string warehouse, long id, string person, string user) =>
        Assert.Equal(user, new LocalNames(warehouse).OfPerson(id, person));

    [Fact]
    public void Names_OfLongWarehousesAndPeople_FitTheServer_AndAreKnownAgain()
    {
        LocalNames names = new(new string('w', 41));
        foreach (var user in new[] { names.OfPerson(1, new string('a', 64)), names.OfPerson(999_999_999, new string('a', 64)) })
        {
            Assert.True(user.Length <= 63, user);
            Assert.True(names.IsOfPerson(user));
            Assert.True(names.IsOurs(user));
        }

        Assert.All(
            [
                names.Loader, names.Reporter, names.Readers, "sparkify_other_p1", "somebody", $"{names.Database}_box_ann_p3",
                $"{names.Database}_box_loader_p3",
            ], user => Assert.False(names.IsOfPerson(user)));
        Assert.False(names.IsOurs("somebody"));
    }

    private static string Line(ConnectProgram program, ConnectPlace place) =>
        ConnectLines.Of(place).Single(l => l.Program == program).Text;
}
