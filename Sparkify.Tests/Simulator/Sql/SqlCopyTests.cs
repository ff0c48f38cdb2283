using System.IO.Compression;
using System.Text;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>COPY from the simulated S3: what it loads, what it counts as an error, and what it refuses.</summary>
public sealed class SqlCopyTests
{
    private const string Events = """
        {"userId":"7","song":"Grün","ts":1541077528796,"length":218.93179,"level":"free","extra":1}
        {"userId":8, "song":null, "ts":1541077528000, "length":1e2,
         "level":"paid"}  {"level":"free"}

        """;

    [Fact]
    public async Task Auto_matches_keys_case_by_case_and_ignorecase_does_not()
    {
        await using var bench = await SqlBench.StartAsync();
        var role = await bench.AttachRoleAsync();
        await bench.PutAsync("log/a.json", Events);
        await bench.RunAsync(
            "create table e (userid varchar(10), song varchar(50), ts timestamp, length double precision, level varchar(4))");
        await bench.RunAsync($"copy e from 's3://lake/log/' iam_role '{role}' format as json 'auto' timeformat 'epochmillisecs'");
        Assert.Equal(["null|null|null|null|free", "null|Grün|2018-11-01 13:05:28.796|218.93179|free", "null|null|2018-11-01 13:05:28|100|paid"],
            await bench.RowsAsync("select * from e order by length is not null, length desc"));
        await bench.RunAsync("delete from e");
        await bench.RunAsync(
            $"copy e from 's3://lake/log/' credentials 'aws_iam_role={role}' json 'auto ignorecase' timeformat as 'epochmillisecs'");
        Assert.Equal(["7", "8", "null"], await bench.RowsAsync("select userid from e order by 1"));
    }

    [Fact]
    public async Task JsonPaths_choose_by_place_and_a_wrong_key_falls_back_to_auto()
    {
        await using var bench = await SqlBench.StartAsync();
        var role = await bench.AttachRoleAsync();
        await bench.PutAsync("log/a.json", """{"userId":"7","a":{"b":[10,20]},"level":"free"} {"userId":"8","a":{"b":[10]}}""");
        await bench.PutAsync("paths.json", """{"jsonpaths":["$.userId","$['a']['b'][1]"]}""");
        await bench.PutAsync("wrong.json", """{"jsonPaths":["$.userId","$.level"]}""");
        await bench.RunAsync("create table e (u varchar(10), level varchar(10))");
        await bench.RunAsync($"copy e from 's3://lake/wrong.json' iam_role '{role}' json 's3://lake/wrong.json'");
        Assert.Equal(["null|null"], await bench.RowsAsync("select * from e"));
        await bench.RunAsync($"copy e from 's3://lake/log/' iam_role '{role}' json 's3://lake/wrong.json'");
        Assert.Equal(["null|null", "null|free", "null|null"], await bench.RowsAsync("select * from e"));

        // The second record has no second element: an error, which MAXERROR 2 forgives.
        await bench.RunAsync("delete from e");
        Assert.Equal(
            "XX000", (await bench.RefusedAsync($"copy e from 's3://lake/log/' iam_role '{role}' json 's3://lake/paths.json'")).SqlState);
        await bench.RunAsync($"copy e from 's3://lake/log/' iam_role '{role}' json 's3://lake/paths.json' maxerror 2");
        Assert.Equal(["7|20"], await bench.RowsAsync("select * from e"));
        await bench.RunAsync("create table three (a varchar(1), b varchar(1), c varchar(1))");
        Assert.Contains("JSONPath size: 2", (await bench.RefusedAsync(
            $"copy three from 's3://lake/log/' iam_role '{role}' json 's3://lake/paths.json'")).MessageText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("i int", """{"i":"x1"}""", 1207, "Invalid digit, Value 'x', Pos 0, Type: Integer", "int4")]
    [InlineData("i int", """{"i":1.5}""", 1207, "Invalid digit, Value '.', Pos 1, Type: Integer", "int4")]
    [InlineData("i int", """{"i":"38.0"}""", 1207, "Invalid digit, Value '.', Pos 2, Type: Integer", "int4")]
    [InlineData("i int", """{"i":3000000000.0}""", 1207, "Overflow, Value '3000000000', Type: Integer", "int4")]
    [InlineData("i smallint", """{"i":40000}""", 1207, "Overflow, Value '40000', Type: Short", "int2")]
    [InlineData("v varchar(3)", """{"v":"äö"}""", 1204, "String length exceeds DDL length", "varchar")]
    [InlineData("t timestamp", """{"t":"soon"}""", 1206, "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]", "timestamp")]
    [InlineData("d double precision", """{"d":"x"}""", 1208, "Invalid value for type Double: 'x'", "float8")]
    [InlineData("b boolean", """{"b":"maybe"}""", 1210, "Unknown boolean format", "bool")]
    [InlineData("n int not null", """{"m":1}""", 1213, "Missing data for not-null field", "int4")]
    [InlineData("d date", """{"d":"2018-13-01"}""", 1205, "Invalid Date Format - length must be 10 or more", "date")]
    [InlineData("n decimal(4,2)", """{"n":123.4}""", 1209, "Numeric data overflow (result precision), Value '123.4'", "numeric")]
    [InlineData("v varchar(30)", """{"v":"\ud800"}""", 1220, "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: 00 (error 4)", "varchar")]
    [InlineData("v varchar(30)", """{"v": broken}""", 1216, "Invalid JSON: the record cannot be parsed.", "")]
    public async Task A_value_that_does_not_fit_is_filed_with_its_place(string column, string record, int code, string message, string type)
    {
        await using var bench = await SqlBench.StartAsync();
        var role = await bench.AttachRoleAsync();
        await bench.PutAsync("in/a.json", $"\n{record}\n");
        await bench.RunAsync($"create table t ({column})");
        var error = await bench.RefusedAsync($"copy t from 's3://lake/in/' iam_role '{role}' json 'auto'");
        Assert.Equal("Load into table 't' failed.  Check 'sys_load_error_detail' system table for details.", error.MessageText);
        Assert.Equal([$"s3://lake/in/a.json|2|{type}|{code}|{message}"],
            await bench.RowsAsync(
                "select trim(file_name), line_number, trim(column_type), error_code, trim(error_message) from sys_load_error_detail"));
        Assert.Equal(["aborted|1|0"], await bench.RowsAsync("select trim(status), error_count, loaded_rows from sys_load_history"));
    }

    [Fact]
    public async Task Values_are_loaded_as_Redshift_reads_them()
    {
        await using var bench = await SqlBench.StartAsync();
        var role = await bench.AttachRoleAsync();
        await bench.PutAsync("in/a.json", """
            {"a":1.50,"b":"12.349","c":true,"d":"","e":{"x": [1, "\t"]},"f":"tab\there\\ \u00e9","g":"false","h":"2018-11-01 10:00:00.5"}
            """);
        await bench.RunAsync(
            "create table t (a varchar(10), b decimal(8,2), c varchar(5), d int, e varchar(max), f text, g bool, h timestamp)");
        await bench.RunAsync($"copy t from 's3://lake/in/' iam_role '{role}' json 'auto'");
        Assert.Equal(
            ["1.50|12.34|true|null|{\"x\": [1, \"\\t\"]}|tab\there\\ é|f|2018-11-01 10:00:00.5"], await bench.RowsAsync("select * from t"));
        await bench.RunAsync("truncate t");
        await bench.RunAsync("create table s (f varchar(3), g varchar(9))");
        await bench.PutAsync("s/a.json", """{"f":"aäöü","g":"  "} {"f":"","g":""}""");
        await bench.RunAsync($"copy s from 's3://lake/s/' iam_role default json 'auto' truncatecolumns blanksasnull emptyasnull");
        Assert.Equal(["aä|null", "null|null"], await bench.RowsAsync("select * from s"));
    }

    [Fact]
    public async Task Numbers_are_read_as_doubles_first()
    {
        await using var bench = await SqlBench.StartAsync();
        var role = await bench.AttachRoleAsync();
        await bench.PutAsync("in/a.json", """{"a":1540919166796.0,"b":1540919166796.0,"c":45.51179,"d":1e3,"e":-2.0,"f":27.94653,"g":45.51179}""");
        await bench.RunAsync(
            "create table t (a bigint, b varchar(20), c numeric(20,6), d smallint, e integer, f double precision, g varchar(20))");
        await bench.RunAsync($"copy t from 's3://lake/in/' iam_role '{role}' json 'auto'");
        Assert.Equal(
            ["1540919166796|1540919166796|45.511789|1000|-2|27.94653|45.51179"], await bench.RowsAsync("select * from t"));
    }

    [Fact]
    public async Task Errors_are_forgiven_below_maxerror_and_fail_the_load_when_they_reach_it()
    {
        await using var bench = await SqlBench.StartAsync();
        var role = await bench.AttachRoleAsync();
        await bench.PutAsync("in/a.json", "{\"i\":1}\n{\"i\":\"x\"}\n{\"i\":2}\n{\"i\":\"open}\n{\"i\":3}\n");
        await bench.RunAsync("create table t (i int)");
        foreach (var most in new[] { 0, 1, 2 })
        {
            Assert.Equal(
                "XX000", (await bench.RefusedAsync($"copy t from 's3://lake/in/' iam_role '{role}' json 'auto' maxerror {most}")).SqlState);
            Assert.Equal(0L, await bench.ScalarAsync("select count(*) from t"));
        }

        await bench.RunAsync($"copy t from 's3://lake/in/' iam_role '{role}' json 'auto' maxerror 3 noload");
        Assert.Equal(0L, await bench.ScalarAsync("select count(*) from t"));
        await bench.RunAsync($"copy t from 's3://lake/in/' iam_role '{role}' json 'auto' maxerror 3 compupdate off statupdate off");
        Assert.Equal(6L, await bench.ScalarAsync("select sum(i) from t"));
        Assert.Equal(["2", "4"], await bench.RowsAsync(
            "select line_number from sys_load_error_detail where query_id = (select max(query_id) from sys_load_history) order by 1"));
    }

    [Fact]
    public async Task A_manifest_names_its_files_and_misses_what_is_mandatory()
    {
        await using var bench = await SqlBench.StartAsync();
        var role = await bench.AttachRoleAsync();
        await bench.PutAsync("in/a.json", """{"i":1}""");
        await bench.PutAsync("in/b.json", """{"i":2}""");
        await bench.RunAsync("create table t (i int)");
        await bench.PutAsync("some.manifest", """{"entries":[{"url":"s3://lake/in/a.json","mandatory":true},{"url":"s3://lake/in/gone.json","mandatory":false}]}""");
        await bench.RunAsync($"copy t from 's3://lake/some.manifest' iam_role '{role}' json 'auto' manifest");
        Assert.Equal(1L, await bench.ScalarAsync("select sum(i) from t"));
        await bench.PutAsync("some.manifest", """{"entries":[{"url":"s3://lake/in/a.json","mandatory":true},{"url":"s3://lake/in/gone.json","mandatory":true}]}""");
        var error = await bench.RefusedAsync($"copy t from 's3://lake/some.manifest' iam_role '{role}' json 'auto' manifest");
        Assert.Contains("in/gone.json", error.MessageText, StringComparison.Ordinal);
        await bench.PutAsync("some.manifest", "[]");
        Assert.Contains("manifest", (await bench.RefusedAsync(
            $"copy t from 's3://lake/some.manifest' iam_role '{role}' json 'auto' manifest")).MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gzip_has_to_be_said()
    {
        await using var bench = await SqlBench.StartAsync();
        var role = await bench.AttachRoleAsync();
        await bench.PutAsync("in/a.json.gz", Gzip("""{"i":1} {"i":2}"""));
        await bench.RunAsync("create table t (i int)");
        Assert.Equal("XX000", (await bench.RefusedAsync($"copy t from 's3://lake/in/' iam_role '{role}' json 'auto'")).SqlState);
        await bench.RunAsync($"copy t from 's3://lake/in/' iam_role '{role}' json 'auto' gzip");
        Assert.Equal(3L, await bench.ScalarAsync("select sum(i) from t"));
    }

    [Fact]
    public async Task The_key_is_a_prefix_and_nothing_under_it_is_an_error()
    {
        await using var bench = await SqlBench.StartAsync();
        var role = await bench.AttachRoleAsync();
        await bench.PutAsync("song/a.json", """{"i":1}""");
        await bench.PutAsync("song_backup/a.json", """{"i":1}""");
        await bench.RunAsync("create table t (i int)");
        await bench.RunAsync($"copy t from 's3://lake/song' iam_role '{role}' json 'auto'");
        Assert.Equal(2L, await bench.ScalarAsync("select pg_last_copy_count()"));
        Assert.Contains("'songs/' does not exist", (await bench.RefusedAsync(
            $"copy t from 's3://lake/songs/' iam_role '{role}' json 'auto'")).MessageText, StringComparison.Ordinal);
        Assert.Contains("NoSuchBucket", (await bench.RefusedAsync(
            $"copy t from 's3://pond/song/' iam_role '{role}' json 'auto'")).MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_what_the_role_may_read_is_read()
    {
        await using var bench = await SqlBench.StartAsync();
        var narrow = await bench.AttachRoleAsync("narrow", """
            {"Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::lake/in/*"},
                          {"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::lake/in/secret*"},
                          {"Effect":"Allow","Action":["s3:ListBucket"],"Resource":"arn:aws:s3:::lake","Condition":{"StringLike":{"s3:prefix":["in/*"]}}}]}
            """);
        await bench.PutAsync("in/a.json", """{"i":1}""");
        await bench.PutAsync("out/a.json", """{"i":1}""");
        await bench.RunAsync("create table t (i int)");
        await bench.RunAsync($"copy t from 's3://lake/in/' iam_role '{narrow}' json 'auto'");
        Assert.Contains("Access Denied,Status 403,Error AccessDenied", (await bench.RefusedAsync(
            $"copy t from 's3://lake/out/' iam_role '{narrow}' json 'auto'")).MessageText, StringComparison.Ordinal);
        await bench.PutAsync("in/secret.json", """{"i":1}""");
        Assert.Contains("AccessDenied", (await bench.RefusedAsync(
            $"copy t from 's3://lake/in/' iam_role '{narrow}' json 'auto'")).MessageText, StringComparison.Ordinal);
        await bench.Aws.S3.DeleteAsync("lake", "in/secret.json", CancellationToken.None);
        bench.Server.Faults.DenyObject("lake", "in/a.json");
        Assert.Contains("AccessDenied", (await bench.RefusedAsync(
            $"copy t from 's3://lake/in/' iam_role '{narrow}' json 'auto'")).MessageText, StringComparison.Ordinal);
        bench.Server.Faults.Clear();

        await bench.Aws.Redshift.ChangeRolesAsync("c", [], [narrow], CancellationToken.None);
        Assert.Contains("not authorized to assume IAM Role", (await bench.RefusedAsync(
            $"copy t from 's3://lake/in/' iam_role '{narrow}' json 'auto'")).MessageText, StringComparison.Ordinal);
        Assert.Equal(1L, await bench.ScalarAsync("select count(*) from t"));
    }

    [Fact]
    public async Task A_policy_of_the_accounts_own_counts_as_long_as_the_role_has_it()
    {
        await using var bench = await SqlBench.StartAsync();
        var role = await bench.AttachRoleAsync("bare", """{"Statement":[]}""");
        using var iam = new QueryDoor(bench.Server, "iam");
        // Called as one of AWS's, which it is not.
        var arn = (await iam.CallAsync("CreatePolicy", ("PolicyName", "AmazonS3FullAccess"), ("PolicyDocument",
            """{"Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::lake","arn:aws:s3:::lake/in/*"]}]}""")))
            .Descendants("Arn").Single().Value;
        await bench.PutAsync("in/a.json", """{"i":1}""");
        await bench.PutAsync("out/a.json", """{"i":1}""");
        await bench.RunAsync("create table t (i int)");
        await RefusedAsync("in");
        await iam.CallAsync("AttachRolePolicy", ("RoleName", "bare"), ("PolicyArn", arn));
        await bench.RunAsync($"copy t from 's3://lake/in/' iam_role '{role}' json 'auto'");
        await RefusedAsync("out");
        await iam.CallAsync("DetachRolePolicy", ("RoleName", "bare"), ("PolicyArn", arn));
        await RefusedAsync("in");
        Assert.Equal(1L, await bench.ScalarAsync("select count(*) from t"));

        async Task RefusedAsync(string folder) => Assert.Contains("AccessDenied", (await bench.RefusedAsync(
            $"copy t from 's3://lake/{folder}/' iam_role '{role}' json 'auto'")).MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_thousand_events_are_copied()
    {
        await using var bench = await SqlBench.StartAsync();
        var role = await bench.AttachRoleAsync();
        var text = new StringBuilder();
        for (var i = 0; i < 100_000; i++)
        {
            text.Append($$"""{"artist":"Artist {{i % 977}}","auth":"Logged In","firstName":"Grace","itemInSession":{{i % 50}},"length":{{i % 500}}.5,"level":"free","page":"NextSong","registration":1541077528796.0,"sessionId":{{i % 999}},"song":"Song","ts":{{1541077528796 + i}},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36","userId":"{{i % 91}}"}""").Append('\n');
        }

        await bench.PutAsync("log/a.json", text.ToString());
        await bench.RunAsync("create table e (artist varchar(500), auth varchar(20), firstname varchar(100), iteminsession int, length double precision, level varchar(10), page varchar(30), registration double precision, sessionid int, song varchar(500), ts timestamp, useragent varchar(500), userid varchar(20))");
        await bench.RunAsync($"copy e from 's3://lake/log/' iam_role '{role}' json 'auto ignorecase' timeformat 'epochmillisecs'");
        Assert.Equal(100_000L, await bench.ScalarAsync("select count(*) from e where userid is not null and ts > '2018-11-01'"));
    }

    [RealDataFact]
    public async Task The_real_days_and_songs_are_loaded_from_their_folder()
    {
        await using var bench = await SqlBench.StartAsync(
            o => o with { Buckets = new Dictionary<string, string> { ["lake"] = RealData.Folder! } });
        var role = await bench.AttachRoleAsync();
        await bench.RunAsync("create table songs (artist_id varchar(30) not null, song_id varchar(30) not null, title varchar(max), duration double precision, year int)");
        var files = Directory.EnumerateFiles(RealData.Songs, "*.json", SearchOption.AllDirectories).Count();
        bench.Server.ForgetCalls();
        await bench.RunAsync($"copy songs from 's3://lake/song_data/' iam_role '{role}' json 'auto'");
        Assert.Equal((long)files, await bench.ScalarAsync("select count(*) from songs where song_id is not null"));
        Assert.Equal(files, bench.Server.S3Totals["GetObject"].Requests);
        await bench.RunAsync("create table events (artist varchar(500), auth varchar(30), first_name varchar(100), gender varchar(1), item int, last_name varchar(100), length double precision, level varchar(10), location varchar(300), method varchar(10), page varchar(50), registration double precision, session_id int, song varchar(500), status int, ts timestamp, user_agent varchar(500), user_id varchar(20))");
        await bench.RunAsync(
            $"copy events from 's3://lake/log_data/' iam_role '{role}' json 's3://lake/log_json_path.json' timeformat 'epochmillisecs'");
        var lines = Directory.EnumerateFiles(RealData.Events, "*.json", SearchOption.AllDirectories)
            .Sum(f => File.ReadLines(f).Count(static l => l.Length > 0));
        Assert.Equal((long)lines, await bench.ScalarAsync("select count(*) from events where ts is not null and page is not null"));
    }

    private static byte[] Gzip(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionMode.Compress))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }
}
