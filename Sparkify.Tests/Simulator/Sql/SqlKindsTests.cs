using System.Globalization;
using System.Text;
using Npgsql;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>
/// The kinds of statements that programs written for Redshift send, each with what it gives: through Npgsql, which prepares them, and
/// through psql, which sends them as they are.
/// </summary>
public sealed class SqlKindsTests(SqlKindsTests.Shared shared) : IClassFixture<SqlKindsTests.Shared>
{
    private const string Setup = """
        create table users (user_id int, name varchar(20), level varchar(8), since datetime default getdate(), seen datetime default sysdate) diststyle all;
        insert into users (user_id, name, level) values (1, 'Ada', 'paid'), (2, 'Bob', 'free'), (3, 'Cy ', 'paid'), (4, null, 'free');
        create table plays (user_id int encode az64 distkey, song varchar(20) encode lzo, at datetime, length decimal(8,2), n int) compound sortkey (at, song);
        insert into plays values (1, 'Go', '2018-11-04 10:15:30.25', 10.5, 1), (1, 'Go ', '2018-11-05 23:00:00', 20, 2), (2, 'Stay', '2018-11-05 00:30:00', 30, 4),
            (3, 'Go', '2018-12-31 12:00:00', 40, 8);
        create table copied (like plays including defaults);
        """;

    /// <summary>A statement, and the rows it gives.</summary>
    public static TheoryData<string, string> Kinds => new()
    {
        // Names of a list within it.
        { "select n * 2 as twice, twice + 1 as more, more * twice as most from plays order by 1 limit 2", "2|3|6 4|5|20" },
        { "select upper(name) as name, name as again from users where user_id = 1", "ADA|Ada" },
        { "select length + 1 as longer, longer::int as whole from (select max(length) as length from plays)", "41.00|41" },
        { "select at as moment, extract(hr from moment) as hour from plays where moment > '2018-12-01' and hour = 12", "2018-12-31_12:00:00|12" },
        { "select user_id as who, sum(n) as total from plays group by who having total > 3 order by 1", "2|4 3|8" },
        { "with w as (select n + 1 as a, a * 10 as b from plays) select sum(b) from w", "190" },
        { "select date_trunc('month', at) as month, month + interval '1 day' as second, count(*) from plays group by 1, 2 order by 1 limit 1",
            "2018-11-01_00:00:00|2018-11-02_00:00:00|3" },
        { "select decode(n, 1, 'one', 'many') as word, upper(word) as loud from plays order by n limit 2", "one|ONE many|MANY" },

        // Parts of a moment, and what they are.
        { "select extract(dayofweek from at), extract(weekday from at), extract(dw from at), extract(dow from at) from plays where n = 1", "0|0|0|0" },
        { "select extract(dayofyear from at), extract(doy from at), extract(yearday from at), extract(dy from at) from plays where n = 8", "365|365|365|365" },
        { "select extract(y from at), extract(qtr from at), extract(mon from at), extract(w from at), extract(d from at) from plays where n = 1", "2018|4|11|44|4" },
        { "select extract(h from at), extract(m from at), extract(s from at), extract(ms from at), extract(us from at) from plays where n = 1", "10|15|30|250|250000" },
        { "select extract(hour from at) / 4 from plays where n = 1", "2" },
        { "select extract(epoch from at) * 1000 from plays where n = 2", "1541458800000" },
        { "select date_part(weekday, at), date_part('yr', at), date_part(dayofyear, at) from plays where n = 8", "1|2018|365" },
        { "select datediff(qtr, '2018-01-01', '2018-12-31'), dateadd(mons, 1, '2018-01-31'::date), datediff(mins, '2018-01-01', '2018-01-02')",
            "3|2018-02-28_00:00:00|1440" },
        { "select date_trunc('week', '2018-11-04'::date), last_day('2018-02-03'), add_months('2018-02-28', 1), trunc(sysdate) = trunc(getdate())",
            "2018-10-29_00:00:00|2018-02-28|2018-03-31_00:00:00|t" },
        { "select to_timestamp('05 Nov 2018', 'DD Mon YYYY')::date, '2018-11-05'::datetime, cast('2018-11-05' as datetime), convert(datetime, '2018-11-05')",
            "2018-11-05|2018-11-05_00:00:00|2018-11-05_00:00:00|2018-11-05_00:00:00" },

        // Whole numbers stay whole.
        { "select avg(n), avg(n::bigint), avg(n::smallint), avg(length)::decimal(8,2) from plays", "3|3|3|25.13" },
        { "select n, avg(n) over (order by n rows between 1 preceding and current row) from plays order by 1", "1|1 2|1 4|3 8|6" },
        { "select 7 / 2, round(2.345::float8, 2), median(n), median(length)::decimal(8,2) from plays", "3|2.35|3|25.00" },
        { "select level, median(user_id) over (partition by level) from users order by user_id", "paid|2 free|3 paid|2 free|3" },

        // Numbers beside texts, and as truth values.
        { "select count(*) from plays p join (select user_id::varchar(8) as u from users) x on p.user_id = x.u", "4" },
        { "select count(*) from plays p, (select user_id::varchar(8) as u from users) x where x.u = p.user_id and x.u <> 3 and x.u >= 1", "3" },
        { "select count(*) from users where level > 0 and level not in (7, 8)", "4" },
        { "select count(*) from (select n::varchar(4) as v from plays) where v in (1, 8)", "2" },
        { "select count(*) from plays where length = '10.5'::varchar(8) or length > ('3' || '5')", "2" },
        { "select n like '1%', n not like '1%', n::bigint like '_' from plays where n = 1", "t|f|t" },
        { "select concat('a', 1), concat(2, 'b'), concat(1, 2), concat(n, name) from plays join users using (user_id) where n = 4", "a1|2b|12|4Bob" },
        { "select len(512), length(7.25), substring(12345, 2, 3), left(20181105, 4), right(20181105, 2), lpad(7, 2, '0'), upper(5)", "3|4|234|2018|05|07|5" },
        { "select name + ' is ' + level, 'a' + 'b', 1 + 2, '2018-11-05'::date + 1 from users where user_id = 2", "Bob_is_free|ab|3|2018-11-06" },
        { "select case when n % 2 then 'odd' else 'even' end from plays where n < 3 order by n", "odd even" },
        { "select count(*) from plays where n - 1 and regexp_instr(song, 'o')", "2" },
        { "select isnull(name, 'nobody'), date_add('ms', 1541105830796, '1970-01-01'), date_diff('day', '2018-11-01', '2018-11-05') from users where user_id = 4",
            "nobody|2018-11-01_20:57:10.796|4" },
        { "select date_part_year('2018-11-05'::date), dlog10(100), months_between('2018-03-31', '2018-02-28'), months_between('2018-03-16', '2018-02-01') * 31", "2018|2|1|46" },

        // Text.
        { "select concat('a', null), concat('a', 'b'), 'a' || 'b', nvl2(null, 1, 2), nvl(null, 'x'), decode(null, null, 'same', 'other')", "null|ab|ab|2|x|same" },
        { "select count(*) from users where name = 'Cy'", "1" },
        { "select song, count(*) from plays group by song order by 2", "Stay|1 Go|3" },
        { "select count(distinct song), count(distinct len(song)) from plays", "2|3" },
        { "select count(*) from (select distinct song from plays)", "2" },
        { "select count(*) from plays a join plays b on a.song = b.song", "10" },
        { "select count(*) from (select 'a ' union select 'a' union select 'b')", "2" },
        { "select 'a ' in ('b', 'a'), 'a ' like 'a', len('a '), nullif('a ', 'a'), 'a ' > 'a', case 'a ' when 'a' then 1 else 0 end", "t|f|2|null|f|1" },
        { "select count(*) over (partition by song) from plays order by n", "3 3 1 3" },
        { "select listagg(name, '+') within group (order by user_id desc) from users", "Cy_+Bob+Ada" },
        { "select level, listagg(distinct user_id, ',') within group (order by user_id) from users group by level order by 1", "free|2,4 paid|1,3" },
        { "select sha2('abc', 256), sha2('abc', 0) = sha2('abc', 256), len(sha2('abc', 512))",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad|t|128" },
        { "select convert(int, '7') + 1, convert(decimal(8,2), '7.129'), cast('7' as varchar(max))", "8|7.13|7" },

        // JSON in text.
        { "select is_valid_json('{\"a\":1}'), is_valid_json('{a'), is_valid_json_array('[1]'), json_array_length('[1,2,3]')", "t|f|t|3" },
        { "select json_extract_path_text('{\"a\":{\"b\":\"c\"}}', 'a', 'b'), json_extract_path_text('{\"a\":1}', 'z'), json_extract_path_text('{a', 'b', true)",
            "c|null|null" },
        { "select json_extract_array_element_text('[10,20]', 1), json_extract_array_element_text('[10]', 5), json_array_length('[', true)", "20|null|null" },

        // Forms of a query.
        { "select top 2 n from plays order by n desc", "8 4" },
        { "select n from (select top (1) n from plays order by n)", "1" },
        { "select a, b from (select 1 as a), (select 2 as b) where a < b", "1|2" },
        { "select count(*) from (select n from plays) join (select 1 as one) on true", "4" },
        { "select * from ((select 1 as a union all select 2) minus select 2) order by 1", "1" },
        { "select user_id from users minus select user_id from plays", "4" },
        { "select user_id, n from plays qualify row_number() over (partition by user_id order by n desc) = 1 order by 1", "1|2 2|4 3|8" },
        { "select *, row_number() over (partition by c.level order by c.user_id) as nth from (select user_id, level from users) c qualify nth = 2 order by 1",
            "3|paid|2 4|free|2" },
        { "select p.*, u.level from users u join plays p on p.user_id = u.user_id qualify max(n) over (partition by u.level) = 4",
            "2|Stay|2018-11-05_00:30:00|30.00|4|free" },
        { "select * from (select user_id, level from users) a join (select n, user_id as id from plays) b on a.user_id = b.id qualify max(n) over (partition by level) = 4",
            "2|free|4|2" },
        { "with last as (select * from plays qualify rank() over (order by at desc) = 1) select user_id, n from last", "3|8" },
        { "select n, ratio_to_report(n) over ()::decimal(5,4) from plays order by 1 limit 1", "1|0.0667" },
        { "select level, any_value(level), sum(n) over (order by level rows unbounded preceding) from (select level, count(*) as n from users group by 1) group by level, n order by 1",
            "free|free|2 paid|paid|4" },

        // What a program asks about tables.
        { "select trim(table_name), table_type from svv_tables where table_schema = 'public' and table_name in ('copied', 'plays', 'users') order by 1", "copied|BASE_TABLE plays|BASE_TABLE users|BASE_TABLE" },
        { "select column_name, data_type, character_maximum_length from svv_columns where table_name = 'plays' and table_schema = 'public' order by ordinal_position limit 2",
            "user_id|integer|null song|character_varying|20" },
        { "select \"column\", type, distkey, sortkey, \"notnull\" from pg_table_def where tablename = 'plays' and schemaname = 'public' and \"column\" in ('user_id', 'at') order by 1",
            "at|timestamp_without_time_zone|f|1|f user_id|integer|t|0|f" },
        { "select diststyle from svv_table_info where \"table\" = 'plays'", "KEY(user_id)" },
        { "select count(*) from stl_load_errors", "0" },
        { "select count(*) from users where since is not null and seen is not null", "4" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Npgsql_gets_what_Redshift_gives(string sql, string rows) =>
        Assert.Equal(rows, Told(await shared.Bench.RowsAsync(sql)));

    [PythonFact("psql")]
    public async Task Psql_gets_what_Redshift_gives()
    {
        const string Mark = "-- next";
        var script = new StringBuilder("\\pset null null\n");
        var kinds = Kinds.Select(static k => (Sql: (string)k[0], Rows: (string)k[1])).ToList();
        kinds.ForEach(k => script.Append(CultureInfo.InvariantCulture, $"{k.Sql};\n\\echo '{Mark}'\n"));

        var output = await PsqlAsync(script.ToString());

        var told = $"{output.ReplaceLineEndings("\n")}\n".Split($"{Mark}\n")[..^1];
        Assert.Equal(kinds.Count, told.Length);
        Assert.All(
            kinds.Zip(told), static k => Assert.Equal(k.First.Rows, Told(k.Second.Split('\n', StringSplitOptions.RemoveEmptyEntries))));
    }

    [Fact]
    public async Task Types_are_Redshifts()
    {
        await using var command = shared.Bench.Master.CreateCommand(
            "select extract(year from at), avg(n), date_part(dow, at), extract(epoch from at), median(length) from plays group by at");
        await using var reader = await command.ExecuteReaderAsync();
        Assert.Equal(
            [typeof(int), typeof(long), typeof(double), typeof(long), typeof(decimal)], Enumerable.Range(0, 5).Select(reader.GetFieldType));
        Assert.Equal("date_part", reader.GetName(0));
    }

    [PythonFact("psql")]
    public async Task Several_statements_in_one_text_are_one_transaction()
    {
        var bench = shared.Bench;
        Assert.Equal("7", await PsqlAsync("create table many (n int)\\; insert into many values (3), (4)\\; select sum(n) from many;"));

        // The second fails: nothing of the first is left, nor is the third run.
        await PsqlAsync("insert into many values (5)\\; select nonsense from many\\; insert into many values (6);", expected: 3);
        Assert.Equal(7L, await bench.ScalarAsync("select sum(n) from many"));

        await PsqlAsync("insert into many values (5)\\; copy many from 's3://nowhere/' iam_role default csv;", expected: 3);
        Assert.Equal(7L, await bench.ScalarAsync("select sum(n) from many"));

        // Transactions of its own, and one that is not ended.
        Assert.Equal("12", await PsqlAsync("begin\\; insert into many values (5)\\; commit\\; select sum(n) from many;"));
        Assert.Equal("12", await PsqlAsync("begin\\; delete from many\\; rollback\\; select sum(n) from many;"));
        Assert.Equal("0", await PsqlAsync("insert into many values (1)\\; truncate many\\; select count(*) from many;"));
        Assert.Equal(
            ["committed", "committed"],
            await bench.RowsAsync("select trim(t.status) from sys_transaction_history t join sys_query_history q using (transaction_id) where q.query_text like 'insert into many values (3)%' or q.query_text like 'create table many%'"));
    }

    [Fact]
    public async Task Tables_that_begin_with_a_hash_are_the_sessions_own()
    {
        await using var connection = await shared.Bench.Master.OpenConnectionAsync();
        await ExecuteAsync("create table #mine (id int, name varchar(5))");
        await ExecuteAsync("insert into #mine select user_id, name from users");
        await ExecuteAsync("select id into #few from #mine where id < 3");
        await using (var count = new NpgsqlCommand("select count(*) + 5 # 1 from #few f join #mine m on m.id = f.id", connection))
        {
            Assert.Equal(6L, await count.ExecuteScalarAsync());
        }

        Assert.Equal("42P01", (await shared.Bench.RefusedAsync("select * from #mine")).SqlState);
        await ExecuteAsync("drop table #mine");

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task A_list_that_names_within_itself_takes_parameters_and_keeps_its_transaction()
    {
        await using var connection = await shared.Bench.Master.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("select n + @a as b, b * 2 as c from plays where n = @n", connection, transaction);
        command.Parameters.AddWithValue("a", 10);
        command.Parameters.AddWithValue("n", 4);
        await using (var reader = await command.ExecuteReaderAsync())
        {
            Assert.True(await reader.ReadAsync());
            Assert.Equal((14, 28), (reader.GetInt32(0), reader.GetInt32(1)));
        }

        await transaction.CommitAsync();
        Assert.Equal("42703", (await shared.Bench.RefusedAsync("select n as a, a + nowhere as b from plays")).SqlState);
    }

    private static string Told(IEnumerable<string> rows) => string.Join(' ', rows.Select(static r => r.Replace(' ', '_')));

    private async Task<string> PsqlAsync(string script, int expected = 0)
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "script.sql");
        await File.WriteAllTextAsync(file, script);
        var login = new NpgsqlConnectionStringBuilder(shared.Bench.Connection);
        var (exit, output) = await OutsideProgram.RunAsync(
            "psql", ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", "localhost", "-p", $"{shared.Bench.Port}", "-U", "admin", "-d", "dev", "-f", file],
            [new("PGPASSWORD", login.Password!), new("PGSSLMODE", "require")]);
        Assert.True(exit == expected, output);
        return output.Trim();
    }

    /// <summary>One cluster for all of them, with a few rows.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal SqlBench Bench { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Bench = await SqlBench.StartAsync();
            foreach (var sql in Setup.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                await Bench.RunAsync(sql);
            }
        }

        public async Task DisposeAsync() => await Bench.DisposeAsync();
    }
}
