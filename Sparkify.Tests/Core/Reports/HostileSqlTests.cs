using Dapper;
using Npgsql;
using Sparkify.Core.Reports.Queries;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Core.Reports;

/// <summary>Ways to do harm with a query, none of which does.</summary>
public sealed class HostileSqlTests(LoadedReports loaded) : IClassFixture<LoadedReports>
{
    /// <summary>Whatever the server makes of these, it must not be done.</summary>
    public static TheoryData<string> Refused =>
    [
        // Writing to what is there.
        "insert into songplays select * from songplays", "update songplays set level = 'paid'", "delete from songplays",
        "truncate songplays",
        "with gone as (delete from songplays returning 1) select count(*) from gone",
        "merge into users u using users v on u.user_id = v.user_id when matched then delete",
        "explain analyze delete from songplays", "select * from songplays for update", "drop table songplays cascade",
        "alter table songplays add column x text",
        "drop schema dwh cascade", "alter schema dwh rename to gone", "lock table songplays in access exclusive mode",
        "reindex table songplays",
        "comment on table songplays is 'mine'", "create index on songplays (level)", "refresh materialized view songplays",
        "cluster songplays",
        // Making something.
        "create table mine as select 1", "select 1 as x into mine", "create temporary table mine (x int)",
        "create temp view mine as select 1", "create schema mine",
        "create function dwh.mine() returns int language sql as 'select 1'",
        "create function pg_temp.mine() returns int language sql as 'select 1'",
        "create view dwh.mine as select 1", "create extension dblink", "create extension file_fdw", "create role mine",
        "create database mine", "create sequence pg_temp.mine",
        "create trigger mine before insert on songplays for each row execute function suppress_redundant_updates_trigger()",
        "create rule mine as on select to users do instead nothing",
        // More than one statement.
        "select 1; drop table songplays", "commit; delete from songplays", "select 1;;delete from songplays;",
        "rollback; set role none; select 1",
        "select 1 /* ; */; delete from songplays -- '", "select $q$;$q$; delete from songplays",
        "select E'\\';delete from songplays; --'; select 1",
        // Code.
        "do $$ begin delete from songplays; end $$",
        "do $$ begin set transaction read write; execute 'alter role current_user password ''x'''; end $$",
        "do $$ begin commit; set default_transaction_read_only = off; alter role current_user password 'x'; end $$",
        "do $$ begin perform pg_sleep(1000); end $$", "select query_to_xml('delete from songplays', true, true, '')",
        "select database_to_xml(true, true, '') from (select pg_sleep(1000)) x",
        // Files and programs.
        "copy (select 1) to '/tmp/sparkify-mine'", "copy (select 1) to program 'touch /tmp/sparkify-mine'",
        "copy songplays from '/etc/passwd'",
        "copy songplays from program 'id'", "copy songplays from stdin", "copy songplays to stdout", "select pg_read_file('/etc/passwd')",
        "select pg_read_binary_file('postgresql.conf')",
        "select * from pg_ls_dir('.')", "select pg_stat_file('postgresql.conf')", "select * from pg_ls_logdir()",
        "select * from pg_hba_file_rules", "load '/tmp/mine.so'",
        "select lo_import('/etc/passwd')", "select lo_export(1, '/tmp/sparkify-mine')", "select lo_create(0)", "select lo_creat(-1)",
        "select lo_from_bytea(0, 'mine')",
        "select lo_put(1, 0, 'mine')", "select lo_unlink(1)",
        // Becoming somebody else, or changing oneself.
        "set role postgres", "set session authorization postgres", "alter role current_user password 'mine'",
        "alter user current_user with superuser",
        "alter role current_user set work_mem = '1GB'", "alter role current_user reset all", "grant select on songplays to public",
        "revoke select on songplays from current_user",
        "reassign owned by current_user to postgres", "drop owned by current_user",
        "alter default privileges grant all on tables to public", "select * from pg_authid",
        "select * from pg_shadow", "alter system set work_mem = '1GB'", "select pg_reload_conf()",
        // Other sessions and the server.
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()",
        "select pg_cancel_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()",
        "select pg_rotate_logfile()", "select pg_switch_wal()", "select pg_create_restore_point('mine')", "select pg_promote()",
        "checkpoint", "vacuum full songplays",
        "select pg_logical_emit_message(false, 'mine', repeat('x', 1000000))", "select pg_advisory_lock(1)",
        "select pg_notify('mine', 'x')", "select pg_export_snapshot()",
        "select dblink_exec('dbname=postgres', 'create role mine')", "prepare transaction 'mine'",
        // Time and memory.
        "select pg_sleep(1000)", "select set_config('statement_timeout', '0', false), pg_sleep(1000)",
        "select count(*) from generate_series(1, 1000000000000)",
        "with recursive forever as (select 1 as n union all select n + 1 from forever) select count(*) from forever",
        "select repeat('x', 1073741823) || repeat('x', 1073741823)",
        "select array_agg(a) from generate_series(1, 10000000000) a",
        "select count(*) from songplays a, songplays b, songplays c, songplays d, songplays e",
        "select 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' ~ '((((a{1,100}){1,100}){1,100}){1,100})$'",
        // Not SQL at all.
        "\\! touch /tmp/sparkify-mine", "select '", "select \"", "/* select 1", "$$", "select $1 + $2",
    ];

    /// <summary>The server allows these; they must leave no trace.</summary>
    public static TheoryData<string> Allowed =>
    [
        "set statement_timeout = 0", "set transaction read write", "set default_transaction_read_only = off", "set work_mem = '1GB'",
        "commit", "rollback", "end;",
        "prepare mine as select 1", "declare mine cursor for select * from songplays", "listen mine", "notify mine", "reset all",
        "set search_path = pg_temp", "begin", "savepoint mine", "analyze songplays", "explain select 1", "select 1;", "select 'a;b'",
        "select $$a;b$$ -- ; x",
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Query_ThatWouldDoHarm_FailsInTimeAndChangesNothing(string sql)
    {
        var (last, before, after) = await AttemptAsync(sql);

        Assert.Equal(QueryState.Failed, last.State);
        Assert.NotEmpty(last.Error!.Message);
        Assert.Equal(before, after);
    }

    [Theory]
    [MemberData(nameof(Allowed))]
    public async Task Query_ThatTurnsSomethingInItsSession_LeavesNoTrace(string sql)
    {
        var (_, before, after) = await AttemptAsync(sql);

        Assert.Equal(before, after);
        var (next, rows) = await loaded.QueryAsync(
            "select current_setting('transaction_read_only'), current_setting('statement_timeout'), current_setting('work_mem'), current_setting('search_path'), " +
            "(select count(*) from pg_prepared_statements where name = 'mine'), (select count(*) from pg_cursors where name = 'mine')");
        Assert.Equal(QueryState.Succeeded, next.State);
        Assert.Equal(["on", "2s", "4MB", "dwh", "0", "0"], rows[0]);
    }

    private async Task<(QueryView Last, string Before, string After)> AttemptAsync(string sql)
    {
        await using var neighbour = await loaded.Warehouse.OpenAsync(); // another session of the same role
        var before = await StateAsync();
        var (last, _) = await loaded.QueryAsync(sql);
        Assert.Equal(1, await neighbour.ExecuteScalarAsync<int>("select 1"));
        Assert.False(File.Exists("/tmp/sparkify-mine"));
        return (last, before, await StateAsync());
    }

    // Everything that lasts: tables and their rows, routines, roles with their passwords and settings, databases, large objects, comments.
    private async Task<string> StateAsync()
    {
        var text = new NpgsqlConnectionStringBuilder(
            loaded.Warehouse.App.Store)
        { Database = new LocalNames(loaded.Name).Database, Pooling = false };
        await using var administrator = new NpgsqlConnection(text.ConnectionString);
        return await administrator.QuerySingleAsync<string>(
            $$"""
            select concat_ws(' ', (select count(*) from dwh.songplays), (select md5(string_agg(p::text, ',' order by songplay_id)) from dwh.songplays p), (select count(*) from dwh.users),
                (select md5(string_agg(c.oid::text || relname || relnamespace || relfilenode || coalesce(relacl::text, ''), ',' order by c.oid)) from pg_class c where relnamespace <> 'pg_toast'::regnamespace),
                (select count(*) from pg_attribute), (select count(*) from pg_proc), (select count(*) from pg_namespace), (select count(*) from pg_description),
                (select count(*) from pg_largeobject_metadata), (select count(*) from pg_extension), (select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())),
                (select md5(string_agg(a::text, ',' order by oid)) from pg_authid a where rolname like '{{new LocalNames(loaded.Name).Database}}%' or rolname = 'mine'),
                (select md5(coalesce(string_agg(s::text, ',' order by setdatabase, setrole), '')) from pg_db_role_setting s where setrole in (select oid from pg_roles where rolname like '{{new LocalNames(loaded.Name).Database}}%')),
                (select count(*) from pg_database where datname = 'mine'), (select count(*) from pg_prepared_xacts), pg_postmaster_start_time())
            """);
    }
}
