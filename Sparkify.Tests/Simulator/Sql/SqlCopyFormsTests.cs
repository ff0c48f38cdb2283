using System.Text;
using ICSharpCode.SharpZipLib.BZip2;
using Sparkify.Simulator;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>COPY in the shapes that public projects give it: keys, CSV, compression, formats of time, and options in any order.</summary>
public sealed class SqlCopyFormsTests(SqlCopyFormsTests.Shared shared) : IClassFixture<SqlCopyFormsTests.Shared>, IAsyncLifetime
{
    private readonly SqlBench _bench = shared.Bench;

    private static SimulatorOptions Keys { get; } = new();

    public async Task InitializeAsync()
    {
        await _bench.RunAsync("drop table if exists t");
        await _bench.RunAsync("create table t (id int, name varchar(20), at timestamp, on_day date, price decimal(8,2))");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Keys_open_as_a_role_does_and_are_not_written_down()
    {
        await _bench.PutAsync("keys/a.json", """{"id":1,"name":"a"}""");
        foreach (var credentials in new[]
        {
            $"access_key_id '{Keys.AccessKey}' secret_access_key '{Keys.SecretKey}'",
            $"credentials 'aws_access_key_id={Keys.AccessKey};aws_secret_access_key={Keys.SecretKey}'",
            $"with credentials as 'aws_access_key_id={Keys.AccessKey};aws_secret_access_key={Keys.SecretKey}' region 'us-west-2'",
        })
        {
            await _bench.RunAsync($"copy t from 's3://lake/keys/' {credentials} json 'auto'");
        }

        Assert.Equal(3L, await _bench.ScalarAsync("select count(*) from t"));
        Assert.Equal(0L, await _bench.ScalarAsync($"select count(*) from sys_query_history where query_text like '%{Keys.SecretKey}%' and query_type = 'COPY'"));
        Assert.Equal(3L, await _bench.ScalarAsync("select count(*) from stl_query where querytxt like 'copy t from ''s3://lake/keys/''%***%'"));
        Assert.Contains("SignatureDoesNotMatch", (await _bench.RefusedAsync(
            $"copy t from 's3://lake/keys/' access_key_id '{Keys.AccessKey}' secret_access_key 'guessed' json 'auto'")).MessageText, StringComparison.Ordinal);
        Assert.Contains("InvalidAccessKeyId", (await _bench.RefusedAsync(
            "copy t from 's3://lake/keys/' access_key_id 'AKIANOBODY' secret_access_key 'guessed' json 'auto'")).MessageText, StringComparison.Ordinal);
        Assert.Equal("42601", (await _bench.RefusedAsync($"copy t from 's3://lake/keys/' access_key_id '{Keys.AccessKey}' json 'auto'")).SqlState);
    }

    [Fact]
    public async Task Trimblanks_leaves_out_the_blanks_at_the_end_and_no_others()
    {
        var role = await _bench.AttachRoleAsync("trimmer");
        await _bench.PutAsync("trimmed/a.csv", "1,  a b \t ,,,\n2,   ,,,\n");

        await _bench.RunAsync($"copy t from 's3://lake/trimmed/' iam_role '{role}' csv trimblanks");
        Assert.Equal(["1|5", "2|0"], await _bench.RowsAsync("select id, len(name) from t order by 1"));
        await _bench.RunAsync($"copy t from 's3://lake/trimmed/' iam_role '{role}' csv");
        Assert.Equal(["1|5", "1|8", "2|0", "2|3"], await _bench.RowsAsync("select id, len(name) from t order by 1, 2"));
    }

    [Theory]
    [InlineData("1|a|2018-11-01 10:00:00|2018-11-01|1.5\n2||||\n", "", "1|a|2018-11-01 10:00:00|2018-11-01|1.50", "2||null|null|null")]
    [InlineData("id,name\n1,\"a, \"\"b\"\"\nc\",2018-11-01 10:00:00.25,,2\r\n", "csv ignoreheader 1", "1|a, \"b\"\nc|2018-11-01 10:00:00.25|null|2.00")]
    [InlineData("1;%a;b%;2018-11-01 10:00;2018-11-01;\n", "delimiter as ';' csv quote as '%' ", "1|a;b|2018-11-01 10:00:00|2018-11-01|null")]
    [InlineData("1\t\\N\t2018-11-01\t\t3.999\n\n", "ignoreblanklines delimiter '\\t'", "1|null|2018-11-01 00:00:00|null|3.99")]
    [InlineData("1,nothing,,,\n2\n", "fillrecord null as 'nothing' delimiter ','", "1|null|null|null|null", "2|null|null|null|null")]
    [InlineData("1|a\\|b\\\\|||\n2|\"q|r\"|||\n", "removequotes escape", "1|a|b\\|null|null|null", "2|q|r|null|null|null")]
    [InlineData("1|a|||1.999\n", "roundec delimiter '\\174'", "1|a|null|null|2.00")]
    [InlineData("1,a,11/01/2018 10:00,1 Nov 2018,\n", "csv timeformat 'auto' dateformat 'auto'", "1|a|2018-11-01 10:00:00|2018-11-01|null")]
    [InlineData("1,a,01.11.2018 22:05:06,2018/11/01,\n", "dateformat 'YYYY/MM/DD' timeformat as 'DD.MM.YYYY HH24:MI:SS' csv", "1|a|2018-11-01 22:05:06|2018-11-01|null")]
    [InlineData("1,a,2018-11-01T10:05:06.5Z,never,\n", "csv timeformat 'YYYY-MM-DDTHH:MI:SSTZ' acceptanydate", "1|a|2018-11-01 10:05:06.5|null|null")]
    [InlineData("1,a,Nov 1 2018 10:05 PM,,\n", "csv timeformat 'MON DD YYYY HH12:MI AM'", "1|a|2018-11-01 22:05:00|null|null")]
    [InlineData("1,a,1541077528.796,,\n", "csv timeformat 'epochsecs' emptyasnull blanksasnull", "1|a|2018-11-01 13:05:28.796|null|null")]
    public async Task Fields_are_loaded_as_Redshift_reads_them(string file, string options, params string[] rows)
    {
        await _bench.PutAsync("fields/a.txt", file);

        await _bench.RunAsync($"copy t from 's3://lake/fields/' {options} iam_role '{shared.Role}' compupdate off");

        Assert.Equal(rows, await _bench.RowsAsync("select * from t order by id"));
    }

    [Theory]
    [InlineData("1,a\n", "csv", 1214, "Delimiter not found", "1,a", "")]
    [InlineData("1,a,,,,6\n", "csv", 1202, "Extra column(s) found", "1,a,,,,6", "")]
    [InlineData("1,\"a\"x,,,\n", "csv", 1214, "Invalid quote formatting for CSV", "1,\"a\"x,,,", "")]
    [InlineData("one,a,,,\n", "csv", 1207, "Invalid digit, Value 'o', Pos 0, Type: Integer", "one,a,,,", "one")]
    [InlineData("1,a,2018-11-01,,\n", "csv timeformat 'MM/DD/YYYY'", 1206, "Invalid timestamp format or value [MM/DD/YYYY]", "1,a,2018-11-01,,", "2018-11-01")]
    public async Task What_is_no_row_is_filed_with_its_record(
        string file, string options, int code, string message, string record, string value)
    {
        await _bench.PutAsync("wrong/a.txt", file);

        Assert.Equal("XX000", (await _bench.RefusedAsync($"copy t from 's3://lake/wrong/' iam_role '{shared.Role}' {options}")).SqlState);

        Assert.Equal(
            [$"s3://lake/wrong/a.txt|1|{code}|{message}|{record}|{value}"],
            await _bench.RowsAsync("select trim(filename), line_number, err_code, trim(err_reason), trim(raw_line), trim(raw_field_value) from stl_load_errors"
                + " where query = (select max(query) from stl_load_errors)"));
    }

    [Fact]
    public async Task Bzip2_and_manifests_go_with_every_form()
    {
        await _bench.PutAsync("packed/a.csv.bz2", Packed("1,a,,,\n2,b,,,\n"));
        await _bench.PutAsync("packed/b.json.bz2", Packed("""{"id":3,"name":"c"} {"id":4}"""));
        await _bench.PutAsync("packed.manifest", """{"entries":[{"url":"s3://lake/packed/a.csv.bz2","mandatory":true}]}""");

        await _bench.RunAsync($"copy t from 's3://lake/packed.manifest' manifest bzip2 csv iam_role '{shared.Role}' statupdate on");
        await _bench.RunAsync($"copy t (id, name) from 's3://lake/packed/b' iam_role '{shared.Role}' bzip2 format as json 'auto'");

        Assert.Equal(["1|a", "2|b", "3|c", "4|null"], await _bench.RowsAsync("select id, name from t order by 1"));
        await _bench.PutAsync("spoilt/a.bz2", Packed("1,a,,,\n")[..20]);
        Assert.Equal("XX000", (await _bench.RefusedAsync($"copy t from 's3://lake/spoilt/' bzip2 csv iam_role '{shared.Role}'")).SqlState);
        Assert.Equal(["The file is not bzip2, or is damaged."],
            await _bench.RowsAsync("select trim(err_reason) from stl_load_errors where trim(filename) = 's3://lake/spoilt/a.bz2'"));
    }

    [Fact]
    public async Task Statistics_are_gathered_unless_they_are_declined()
    {
        await _bench.PutAsync("stats/a.csv", "1,a,,,\n2,b,,,\n");

        await _bench.RunAsync($"copy t from 's3://lake/stats/' csv iam_role '{shared.Role}' statupdate off");
        Assert.Equal(100m, await _bench.ScalarAsync("select stats_off from svv_table_info where \"table\" = 't'"));
        await _bench.RunAsync($"copy t from 's3://lake/stats/' csv iam_role '{shared.Role}'");
        Assert.Equal(0m, await _bench.ScalarAsync("select stats_off from svv_table_info where \"table\" = 't'"));
    }

    [Theory]
    [InlineData("json 'auto' delimiter ','", "42601", "DELIMITER is not supported with JSON")]
    [InlineData("csv removequotes", "42601", "CSV is not supported with REMOVEQUOTES")]
    [InlineData("parquet", "0A000", "COPY with PARQUET in the simulator is not supported")]
    [InlineData("delimiter 'ab'", "22023", "DELIMITER must be a single ASCII character.")]
    [InlineData("csv timeformat 'Auto'", "0A000", "The format 'Auto' in the simulator (the words auto, epochsecs and epochmillisecs are case-sensitive) is not supported")]
    [InlineData("csv maxerror 100001", "22023", "The value for MAXERROR must be between 0 and 100000.")]
    public async Task What_goes_not_together_is_refused(string options, string state, string message)
    {
        var error = await _bench.RefusedAsync($"copy t from 's3://lake/none/' iam_role '{shared.Role}' {options}");
        Assert.Equal((state, message), (error.SqlState, error.MessageText));
    }

    private static byte[] Packed(string text)
    {
        using var bytes = new MemoryStream();
        BZip2.Compress(new MemoryStream(Encoding.UTF8.GetBytes(text)), bytes, isStreamOwner: false, level: 9);
        return bytes.ToArray();
    }

    /// <summary>One cluster for all of them, with a role that reads.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal SqlBench Bench { get; private set; } = null!;

        internal string Role { get; private set; } = "";

        public async Task InitializeAsync()
        {
            Bench = await SqlBench.StartAsync();
            Role = await Bench.AttachRoleAsync();
        }

        public async Task DisposeAsync() => await Bench.DisposeAsync();
    }
}
