using Npgsql;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>COPY while it runs: seen from beside, cancelled, cut off, rolled back; and misfortune on request.</summary>
public sealed class SqlLiveTests
{
    [Fact]
    public async Task A_copy_under_way_is_seen_by_other_sessions_and_found_by_its_label()
    {
        await using var bench = await PreparedAsync(files: 3);
        bench.Server.Faults.HoldCopies(afterRecords: 2);
        await using var connection = await bench.Master.OpenConnectionAsync();
        await ExecuteAsync(connection, "set query_group to 'run-7'");
        var copy = ExecuteAsync(connection, Copy);
        const string Progress = """
            select trim(l.status), file_count_scanned, source_file_count, loaded_rows, trim(query_label), trim(q.status)
            from sys_load_history l join sys_query_history q on q.query_id = l.query_id where trim(query_label) = 'run-7'
            """;
        await Eventually.BecomesAsync(() => bench.RowsAsync(Progress), rows => rows is ["running|2|3|2|run-7|running"]);
        bench.Server.Faults.ReleaseCopies();
        await copy;
        Assert.Equal(["completed|3|3|3|run-7|success"], await bench.RowsAsync(Progress));
        Assert.Equal(["s3://lake/in/0.json|8|1", "s3://lake/in/1.json|8|1", "s3://lake/in/2.json|8|1"],
            await bench.RowsAsync("select trim(file_name), bytes_scanned, splits_scanned from sys_load_detail order by 1"));
        Assert.Equal(["3"], await bench.RowsAsync("select returned_rows from sys_query_history where query_type = 'COPY'"));
    }

    [Fact]
    public async Task A_cancelled_copy_leaves_nothing()
    {
        await using var bench = await PreparedAsync(files: 2);
        bench.Server.Faults.HoldCopies(afterRecords: 1);
        await using var connection = await bench.Master.OpenConnectionAsync();
        using var cancel = new CancellationTokenSource();
        await using var command = new NpgsqlCommand(Copy, connection);
        var copy = command.ExecuteNonQueryAsync(cancel.Token);
        await Eventually.BecomesAsync(() => bench.RowsAsync("select loaded_rows from sys_load_history"), rows => rows is ["1"]);
        await cancel.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copy);
        Assert.Equal("57014", Assert.IsType<PostgresException>(error.InnerException).SqlState);
        Assert.Equal(["aborted"], await bench.RowsAsync("select trim(status) from sys_load_history"));
        Assert.Equal(["canceled"], await bench.RowsAsync("select trim(status) from sys_query_history where query_type = 'COPY'"));
        bench.Server.Faults.ReleaseCopies();
        await ExecuteAsync(connection, Copy);
        Assert.Equal(2L, await bench.ScalarAsync("select count(*) from t"));
    }

    [Fact]
    public async Task Another_session_cancels_a_copy_by_its_process()
    {
        await using var bench = await PreparedAsync(files: 2);
        bench.Server.Faults.HoldCopies(afterRecords: 1);
        await using var connection = await bench.Master.OpenConnectionAsync();
        var copy = Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, Copy));
        await Eventually.BecomesAsync(() => bench.RowsAsync("select loaded_rows from sys_load_history"), rows => rows is ["1"]);
        await bench.RunAsync($"cancel {connection.ProcessID}");
        Assert.Equal("57014", (await copy).SqlState);
    }

    [Fact]
    public async Task An_autocommitted_copy_goes_on_without_its_client()
    {
        await using var bench = await PreparedAsync(files: 3);
        bench.Server.Faults.DropDuringCopy(afterRecords: 1);
        bench.Server.Faults.HoldCopies(afterRecords: 2);
        await using (var source = NpgsqlDataSource.Create(bench.Connection + ";Pooling=false"))
        {
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => SqlBench.RunAsync(source, Copy));
        }

        Assert.Equal(["running"], await bench.RowsAsync("select trim(status) from sys_load_history"));
        bench.Server.Faults.ReleaseCopies();
        await Eventually.BecomesAsync(() => bench.RowsAsync("select trim(status) from sys_load_history"), rows => rows is ["completed"]);
        Assert.Equal(3L, await bench.ScalarAsync("select count(*) from t"));
    }

    [Fact]
    public async Task In_a_transaction_a_copy_is_rolled_back_with_it()
    {
        await using var bench = await PreparedAsync(files: 2);
        await using (var connection = await bench.Master.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await ExecuteAsync(connection, Copy);
            Assert.Equal(2L, await new NpgsqlCommand("select count(*) from t", connection).ExecuteScalarAsync());
            await transaction.RollbackAsync();
        }

        Assert.Equal(0L, await bench.ScalarAsync("select count(*) from t"));
        Assert.Equal(["success|aborted"], await bench.RowsAsync(
            "select trim(q.status), trim(t.status) from sys_query_history q join sys_transaction_history t using (transaction_id) where query_type = 'COPY'"));

        // The client goes away in the middle of its transaction.
        bench.Server.Faults.DropDuringCopy();
        await using (var connection = new NpgsqlConnection(bench.Connection + ";Pooling=false"))
        {
            await connection.OpenAsync();
            await ExecuteAsync(connection, "begin");
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => ExecuteAsync(connection, Copy));
        }

        await Eventually.BecomesAsync(
            () => bench.RowsAsync("select trim(status) from sys_load_history order by query_id desc"), rows => rows[0] == "completed");
        Assert.Equal(0L, await bench.ScalarAsync("select count(*) from t"));
    }

    [Fact]
    public async Task Error_1023_comes_on_request_and_rolls_the_transaction_back()
    {
        await using var bench = await PreparedAsync(files: 1);
        await using var connection = await bench.Master.OpenConnectionAsync();
        bench.Server.Faults.FailNextStatement("commit");
        await ExecuteAsync(connection, "begin");
        await ExecuteAsync(connection, "insert into t (i) values (1)");
        var error = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, "commit"));
        Assert.Equal(("40001", "1023"), (error.SqlState, error.MessageText));
        Assert.StartsWith("Serializable isolation violation on table", error.Detail, StringComparison.Ordinal);
        Assert.Equal(0L, await new NpgsqlCommand("select count(*) from t", connection).ExecuteScalarAsync());

        bench.Server.Faults.FailNextStatement("insert  INTO t");
        Assert.Equal("40001", (await bench.RefusedAsync("Insert\ninto t (i) values (1)")).SqlState);
        await bench.RunAsync("insert into t (i) values (1)");
        Assert.Equal(1L, await bench.ScalarAsync("select count(*) from t"));
    }

    private const string Copy = "copy t from 's3://lake/in/' iam_role default json 'auto'";

    private static async Task<SqlBench> PreparedAsync(int files)
    {
        var bench = await SqlBench.StartAsync();
        await bench.AttachRoleAsync();
        for (var i = 0; i < files; i++)
        {
            await bench.PutAsync($"in/{i}.json", $"{{\"i\":{i}}}\n");
        }

        await bench.RunAsync("create table t (i int)");
        return bench;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
