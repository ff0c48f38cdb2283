using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>CREATE, ALTER and DROP of users and groups. They take effect at once, whatever becomes of a transaction around them.</summary>
internal static class UserStatements
{
    public static OwnStatement Parse(SqlScript script)
    {
        var work = (script.Word, script[1].Value) switch
        {
            ("create", "user") => CreateUser(script),
            ("alter", "user") => AlterUser(script),
            ("drop", "user") => DropUsers(script),
            ("create", _) => CreateGroup(script),
            ("alter", _) => AlterGroup(script),
            _ => DropGroup(script),
        };
        var (tag, self) = ($"{script.Word} {script[1].Value}".ToUpperInvariant(), script.Word == "alter" ? script[2].Value : null);
        return async (conversation, _, ct) =>
        {
            var user = conversation.Session.User;
            if (!user.IsSuperuser && user.Name != self)
            {
                throw new SqlErrorException("42501", $"must be superuser to {tag.ToLowerInvariant()}");
            }

            await work(conversation.Database, ct);
            return tag;
        };
    }

    private static Func<ClusterDatabase, CancellationToken, Task> CreateUser(SqlScript script)
    {
        var user = Options(script, new SqlUser(Name(script, 2), null, IsSuperuser: false), 3, out var groups);
        return async (database, ct) =>
        {
            if (database.User(user.Name) is not null)
            {
                throw new SqlErrorException("42710", $"user \"{user.Name}\" already exists");
            }

            await database.CreateUserAsync(user, groups, ct);
        };
    }

    private static Func<ClusterDatabase, CancellationToken, Task> AlterUser(SqlScript script)
    {
        var name = Name(script, 2);
        if (script[3].Value is "set" && script[4].Value is "statement_timeout" or "search_path" && script[5].Value is "to" or "=")
        {
            var (setting, value) = (script[4].Value, script.Raw(6, script.Count));
            return (database, ct) => database.ExecuteAsync(
                $"alter role {ClusterDatabase.Quote(database.RoleOf(Known(database, name).Name))} set {setting} to {value}", ct);
        }

        if (script[3].Value is "rename" or "set" or "reset")
        {
            throw Redshift.NotSupported($"ALTER USER … {script[3].Value.ToUpperInvariant()} in the simulator");
        }

        // Read once for its errors, and again over the user as it is then.
        Options(script, new SqlUser(name, null, IsSuperuser: false), 3, out _);
        return (database, ct) => database.KeepAsync(Options(script, Known(database, name), 3, out _), ct);
    }

    private static Func<ClusterDatabase, CancellationToken, Task> DropUsers(SqlScript script)
    {
        var optional = script.Has(2, "if", "exists");
        List<string> names = [.. script.Items(optional ? 4 : 2, script.Count).Select(i => Name(script, i.From))];
        return (database, ct) => database.DropUsersAsync(
            [.. names.Where(name => !optional || database.User(name) is not null).Select(name => Known(database, name).Name)], ct);
    }

    private static Func<ClusterDatabase, CancellationToken, Task> CreateGroup(SqlScript script)
    {
        var name = Name(script, 2);
        var user = Array.FindIndex([.. Enumerable.Range(0, script.Count).Select(i => script[i])], 3, static t => t.Is("user"));
        List<string> members = user < 0 ? [] : [.. script.Items(user + 1, script.Count).Select(i => Name(script, i.From))];
        return (database, ct) => database.ExecuteAsync(
            $"create role {ClusterDatabase.Quote(database.RoleOfGroup(name))} nologin{Members(database, name, members, add: true)}", ct);
    }

    private static Func<ClusterDatabase, CancellationToken, Task> AlterGroup(SqlScript script)
    {
        var (name, add) = (Name(script, 2), script[3].Is("add"));
        if ((!add && !script[3].Is("drop")) || !script[4].Is("user"))
        {
            throw script.SyntaxError(3);
        }

        List<string> members = [.. script.Items(5, script.Count).Select(i => Name(script, i.From))];
        return (database, ct) => database.ExecuteAsync(Members(database, name, members, add).TrimStart(';'), ct);
    }

    /// <summary>The statements that put users into a group, or take them out of it.</summary>
    private static string Members(ClusterDatabase database, string name, IEnumerable<string> members, bool add)
    {
        var group = ClusterDatabase.Quote(database.RoleOfGroup(name));
        return string.Concat(members.Select(member => $"; {(add ? "grant" : "revoke")} {group} {(add ? "to" : "from")} {ClusterDatabase.Quote(database.RoleOf(member))}"));
    }

    private static Func<ClusterDatabase, CancellationToken, Task> DropGroup(SqlScript script)
    {
        var name = Name(script, 2);
        return (database, ct) => database.ExecuteAsync($"drop role {ClusterDatabase.Quote(database.RoleOfGroup(name))}", ct);
    }

    private static SqlUser Options(SqlScript script, SqlUser user, int at, out List<string> groups)
    {
        groups = [];
        while (at < script.Count)
        {
            switch (script[at].Value)
            {
                case "with" or "nocreatedb" or "createdb":
                    at++;
                    break;
                case "createuser" or "nocreateuser":
                    user = user with { IsSuperuser = script[at++].Is("createuser") };
                    break;
                case "password" when script[at + 1].Is("disable"):
                    (user, at) = (user with { PasswordHash = null }, at + 2);
                    break;
                case "password" when script[at + 1].Kind == TokenKind.Text:
                    (user, at) = (user with { PasswordHash = Hash(script[at + 1].Value, user.Name) }, at + 2);
                    break;
                case "in" when script[at + 1].Is("group"):
                    groups.AddRange(script.Items(at + 2, script.Count).Select(i => Name(script, i.From)));
                    return user;
                case "valid" or "connection" or "syslog" or "session":
                    at += 3;
                    break;
                default:
                    throw script.SyntaxError(at);
            }
        }

        return user;
    }

    private static string Hash(string password, string user)
    {
        if (password.Length == 35 && password.StartsWith("md5", StringComparison.Ordinal) && password[3..].All(char.IsAsciiHexDigit))
        {
            return password;
        }

        var valid = password.Length is >= 8 and <= 64 && password.Any(char.IsAsciiLetterUpper) && password.Any(char.IsAsciiLetterLower)
            && password.Any(char.IsAsciiDigit)
            && password.All(static c => c is > ' ' and <= '~' && !"'\"\\/@".Contains(c, StringComparison.Ordinal));
        return valid ? Md5Password.Hash(password, user) : throw new SqlErrorException("22023",
            "Password must be at least 8 characters and must contain at least one uppercase letter, one lowercase letter and one number, and none of ' \" \\ / @ or space.");
    }

    private static SqlUser Known(ClusterDatabase database, string name)
        => database.User(name) ?? throw new SqlErrorException("42704", $"user \"{name}\" does not exist");

    private static string Name(SqlScript script, int at) => script[at].IsName ? script[at].Value : throw script.SyntaxError(at);
}
