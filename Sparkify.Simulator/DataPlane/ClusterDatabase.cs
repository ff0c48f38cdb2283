using System.Collections.Concurrent;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane;

/// <summary>
/// A cluster's database on the server behind. Users and groups of the cluster are roles there, under names with a prefix of the
/// cluster's own, so that the server itself enforces what they may do.
/// </summary>
/// <param name="key">Names it and its roles on the server.</param>
/// <param name="backend">The server.</param>
/// <param name="endSessions">Ends its users' sessions; none where nobody logs in, as on a snapshot.</param>
internal sealed partial class ClusterDatabase(string key, BackendServer backend, Action? endSessions = null) : IAsyncDisposable
{
    // The server's own; a cluster takes 127.
    private const int LongestName = 63;

    private readonly string _rolePassword = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
    private readonly ConcurrentDictionary<string, SqlUser> _users = new(StringComparer.Ordinal);
    private NpgsqlDataSource? _admin;
    private Task? _ready;
    private long _lastId = 1000;

    /// <summary>Its name on the server behind.</summary>
    public string Name { get; } = $"sim_{key}";

    /// <summary>What the names of its roles start with.</summary>
    public string RolePrefix { get; } = $"sim_{key}_";

    /// <summary>The name its users know it by.</summary>
    public string PublicName { get; private set; } = "dev";

    public string Master { get; private set; } = "";

    /// <summary>A number no statement or transaction of the cluster has had.</summary>
    public long NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>The superuser's connections to it.</summary>
    public NpgsqlDataSource Admin => _admin ??= backend.Open(Name);

    /// <summary>Starts creating it, when that has not begun. The caller holds the world's gate.</summary>
    /// <param name="master">Its master user.</param>
    /// <param name="publicName">The name its users know it by.</param>
    /// <param name="copy">What it begins as a copy of; none for an empty one.</param>
    public void Prepare(string master, string publicName, CopyFrom? copy = null)
    {
        if (_ready is null)
        {
            (Master, PublicName) = (master, publicName);
            _ready = Task.Run(() => CreateAsync(copy));
            copy?.Source?._copies.Add(_ready);
        }
    }

    /// <summary>When it is there, and nobody is just copying it.</summary>
    public Task ReadyAsync() => Task.WhenAll(_ready ?? Task.CompletedTask, _copied);

    /// <summary>From here on the master's password is the control plane's, whatever SQL had made of it.</summary>
    public void ForgetMasterPassword()
    {
        var before = _ready ?? Task.CompletedTask;
        _ready = Task.Run(async () =>
        {
            await before;
            await KeepAsync(User(Master)! with { PasswordHash = null }, default);
        });
    }

    public SqlUser? User(string name) => _users.GetValueOrDefault(name);

    /// <summary>
    /// A user's role; of names that are too long for the server the start and a hash, as <c>sim_internal.role_of</c> has it.
    /// </summary>
    public string RoleOf(string user) => RolePrefix.Length + user.Length <= LongestName ? RolePrefix + user
        : $"{RolePrefix}{user[..33]}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(user)))[..12]}";

    public string RoleOfGroup(string group) => $"{RolePrefix}g.{group}";

    /// <summary>A session's connection, as one of the users.</summary>
    public async Task<PgStream> ConnectAsync(SqlUser user, IEnumerable<KeyValuePair<string, string>> parameters, CancellationToken ct)
    {
        var connection = await backend.ConnectAsync(ct);
        try
        {
            var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
            {
                ["TimeZone"] = "UTC",
                ["DateStyle"] = "ISO, MDY",
                // Backslashes escape in plain literals, as in the days of 8.0.
                ["standard_conforming_strings"] = "off",
                ["escape_string_warning"] = "off",
            };
            foreach (var (name, value) in StartupParameters.Of(parameters))
            {
                all[name] = value;
            }

            all["user"] = RoleOf(user.Name);
            all["database"] = Name;
            await BackendLogin.StartAsync(connection, all, _rolePassword, ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates a user in groups, or nothing; none is named twice.</summary>
    public async Task CreateUserAsync(SqlUser user, IEnumerable<string> groups, CancellationToken ct)
    {
        if (user.Name.Length > LongestName)
        {
            throw new SqlErrorException("42622", $"The simulator takes user names of up to {LongestName} characters.");
        }

        var role = Quote(RoleOf(user.Name));
        await ExecuteAsync([
            new(OneAtATime), new($"create role {role} login password '{_rolePassword}'"), new(LetIn(user.Name)),
            .. user.Name == Master ? [] : new NpgsqlBatchCommand[] { new($"grant {role} to {Quote(RoleOf(Master))}") },
            .. groups.Select(group => new NpgsqlBatchCommand($"grant {Quote(RoleOfGroup(group))} to {role}")), Keep(user)], ct);
        _users[user.Name] = user;
    }

    /// <summary>Writes a user's password or rights down.</summary>
    public async Task KeepAsync(SqlUser user, CancellationToken ct)
    {
        await ExecuteAsync([Keep(user)], ct);
        _users[user.Name] = user;
    }

    /// <summary>Drops all of them, or none.</summary>
    public async Task DropUsersAsync(IReadOnlyList<string> names, CancellationToken ct)
    {
        await ExecuteAsync([new(OneAtATime), .. names.SelectMany(Drop)], ct);
        foreach (var name in names)
        {
            _users.TryRemove(name, out _);
        }

        NpgsqlBatchCommand[] Drop(string name)
        {
            var role = Quote(RoleOf(name));
            return [new($"revoke connect on database {Quote(Name)} from {role}"), new($"drop role {role}"),
                new("delete from sim_internal.users where name = $1") { Parameters = { new() { Value = name } } }];
        }
    }

    /// <summary>Runs statements as the superuser, all or none; what the server refuses is an error of the statement.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken ct)
    {
        await using var command = Admin.CreateCommand(sql);
        await ToldAsync(command.ExecuteNonQueryAsync(ct));
    }

    private async Task ExecuteAsync(IEnumerable<NpgsqlBatchCommand> commands, CancellationToken ct)
    {
        await using var batch = Admin.CreateBatch();
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        await ToldAsync(batch.ExecuteNonQueryAsync(ct));
    }

    private async Task ToldAsync(Task work)
    {
        try
        {
            await work;
        }
        catch (PostgresException e)
        {
            var text = e.SqlState is PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.DuplicateObject
                ? e.MessageText.Replace($"role \"{RolePrefix}g.", "group \"", StringComparison.Ordinal)
                    .Replace($"role \"{RolePrefix}", "user \"", StringComparison.Ordinal)
                : e.MessageText;
            throw new SqlErrorException(e.SqlState, Public(text), e.Detail is null ? null : Public(e.Detail));
        }
    }

    private static NpgsqlBatchCommand Keep(SqlUser user) => new(
        "insert into sim_internal.users (name, password, superuser) values ($1, $2, $3) on conflict (name) do update set password = $2, superuser = $3")
    {
        Parameters =
        {
            new() { Value = user.Name }, new() { Value = (object?)user.PasswordHash ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            new() { Value = user.IsSuperuser },
        },
    };

    /// <summary>A text of the server behind in the names the cluster's users know.</summary>
    public string Public(string text) => text.Replace($"{RolePrefix}g.", "", StringComparison.Ordinal)
        .Replace(RolePrefix, "", StringComparison.Ordinal).Replace(Name, PublicName, StringComparison.Ordinal);

    /// <summary>Removes it with its roles.</summary>
    public async Task DropAsync()
    {
        await DisposeAsync();
        await using var server = backend.Open(null);
        await using (var drop = server.CreateCommand($"drop database if exists {Quote(Name)} with (force)"))
        {
            await drop.ExecuteNonQueryAsync();
        }

        List<string> roles = [];
        await using (var list = server.CreateCommand("select rolname from pg_roles where starts_with(rolname, $1)"))
        {
            list.Parameters.Add(new() { Value = RolePrefix });
            await using var reader = await list.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                roles.Add(Quote(reader.GetString(0)));
            }
        }

        if (roles.Count > 0)
        {
            await using var drop = server.CreateCommand($"drop role {string.Join(", ", roles)}");
            await drop.ExecuteNonQueryAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await OverAsync(ReadyAsync());
        foreach (var copy in _copies)
        {
            await OverAsync(copy);
        }

        if (_admin is not null)
        {
            await _admin.DisposeAsync();
        }
    }

    public static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private async Task CreateAsync(CopyFrom? copy)
    {
        if (copy is not null)
        {
            await CopyAsync(copy);
        }

        if (endSessions is null)
        {
            // A snapshot: it stays as it is.
            return;
        }

        await using var server = backend.Open(null);
        await using var look = server.CreateCommand("select exists (select from pg_database where datname = $1)");
        look.Parameters.Add(new() { Value = Name });
        if (!(bool)(await look.ExecuteScalarAsync())!)
        {
            // Redshift compares text byte by byte.
            await RunAsync(
                server, $"create database {Quote(Name)} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C' allow_connections false", default);
        }

        await CloseAsync(server, default);
        await using var known = Admin.CreateCommand("select to_regclass('sim_internal.users') is not null");
        if ((bool)(await known.ExecuteScalarAsync())!)
        {
            await RememberAsync();
        }
        else
        {
            await using var setup = Admin.CreateCommand(await ScriptAsync("setup"));
            await ExecuteAsync($"create role {Quote(RoleOf(Master))} login password '{_rolePassword}'", default);
            await LetInAsync(Master, default);
            await setup.ExecuteNonQueryAsync();
            await KeepAsync(new SqlUser(Master, PasswordHash: null, IsSuperuser: true), default);
        }

        await using var granted = Admin.CreateCommand(
            "select exists (select from pg_database, aclexplode(datacl) where datname = $1 and privilege_type = 'TEMPORARY' and grantee = $2::regrole)");
        granted.Parameters.Add(new() { Value = Name });
        granted.Parameters.Add(new() { Value = Quote(RoleOf(Master)) });
        if (!(bool)(await granted.ExecuteScalarAsync())!)
        {
            // As in every database, everybody may make temporary tables, and a superuser of the cluster may take that away.
            await ExecuteAsync($"grant all on database {Quote(Name)} to {Quote(RoleOf(Master))} with grant option", default);
            await ExecuteAsync($"revoke temporary on database {Quote(Name)} from public", default);
            await ExecuteAsync($"set role {Quote(RoleOf(Master))}; grant temporary on database {Quote(Name)} to public; reset role", default);
        }

        await BoundAsync();
    }

    // Its users find Redshift's functions and views, and see and do nothing of the server behind that is not their cluster's; those of
    // clusters of earlier versions too.
    private async Task BoundAsync()
    {
        var bounds = $"{await ScriptAsync("dialect")};\n{await ScriptAsync("catalogue")};\n{(await ScriptAsync("reader_bounds")).Replace("{loader}", Quote(RoleOf(Master)), StringComparison.Ordinal)};\n{await ScriptAsync("bounds")}";
        // A server of another version has other catalogues.
        await using var server = Admin.CreateCommand("show server_version_num");
        var version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{bounds}{await server.ExecuteScalarAsync()}")))[..16];
        await using var known = Admin.CreateCommand("select to_regclass('sim_internal.bounds') is not null");
        if ((bool)(await known.ExecuteScalarAsync())!)
        {
            await using var look = Admin.CreateCommand("select version from sim_internal.bounds");
            if ((string?)await look.ExecuteScalarAsync() == version)
            {
                return;
            }
        }

        await using var bound = Admin.CreateCommand(bounds.Replace("{version}", version, StringComparison.Ordinal));
        await bound.ExecuteNonQueryAsync();
    }

    // Other roles of the server behind have no business in it.
    private async Task CloseAsync(NpgsqlDataSource server, CancellationToken ct)
    {
        await RunAsync(server, $"revoke connect on database {Quote(Name)} from public", ct);
        await RunAsync(server, $"alter database {Quote(Name)} allow_connections true", ct);
    }

    private Task LetInAsync(string user, CancellationToken ct) =>
        ExecuteAsync($"{OneAtATime}; {LetIn(user)}", ct);

    private string LetIn(string user) => $"grant connect on database {Quote(Name)} to {Quote(RoleOf(user))}";

    // Who may connect is written in one row, which two cannot change at once.
    private string OneAtATime => $"select pg_advisory_xact_lock(hashtext('{Name}'))";

    private async Task RememberAsync()
    {
        await using (var command = Admin.CreateCommand("select name, password, superuser from sim_internal.users"))
        {
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                _users[reader.GetString(0)] = new SqlUser(
                    reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetBoolean(2));
            }
        }

        // Whatever ran when the simulator ended has ended with it.
        await using (var command = Admin.CreateCommand("select sim_internal.forget_running()"))
        {
            _lastId = (long)(await command.ExecuteScalarAsync())!;
        }

        foreach (var user in _users.Keys)
        {
            await ExecuteAsync($"alter role {Quote(RoleOf(user))} password '{_rolePassword}'", default);
            await LetInAsync(user, default);
        }
    }

    private static async Task OverAsync(Task work)
    {
        try
        {
            await work;
        }
        catch (Exception e) when (e is NpgsqlException or SqlErrorException or OperationCanceledException)
        {
            // It was told to whoever wanted to log in; here it only has to be over.
        }
    }

    private async Task<string> ScriptAsync(string name)
    {
        await using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Sparkify.Simulator.DataPlane.{name}.sql")!;
        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync()).Replace("{prefix}", RolePrefix, StringComparison.Ordinal)
            .Replace("{database}", PublicName, StringComparison.Ordinal).Replace("{master}", RoleOf(Master), StringComparison.Ordinal)
            .Replace("{name}", Name, StringComparison.Ordinal);
    }
}

/// <summary>A user of a cluster. Without a hash the password is the master's or it has none.</summary>
internal sealed record SqlUser(string Name, string? PasswordHash, bool IsSuperuser)
{
    public override string ToString() => $"SqlUser({Name})";
}
