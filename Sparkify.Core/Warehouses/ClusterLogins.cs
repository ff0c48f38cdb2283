using System.Collections.Concurrent;
using System.Text.Json;
using Dapper;
using Npgsql;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Warehouses;

/// <summary>
/// As whom existing clusters are logged into: by the password that is kept, or by one that AWS gives out for some minutes.
/// </summary>
internal sealed class ClusterLogins(LoginBox box, IAws aws, TimeProvider clock)
{
    // Beginning a session takes seconds; a password that ends within them is as good as none.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<(AwsPlace, ExistingCluster), TemporaryLogin> _given = new();

    /// <summary>The name a login has in SQL: AWS puts a mark before those it gives passwords to.</summary>
    public static string NameOf(ExistingCluster cluster) => cluster.Login == ClusterLoginKind.Iam ? $"IAM:{cluster.User}" : cluster.User;

    /// <summary>Name and password just now; a sentence when there is none.</summary>
    public async ValueTask<SecretLogin> OfAsync(string warehouse, RedshiftSettings settings, KeptLogin kept, CancellationToken ct)
    {
        var cluster = settings.Existing!;
        if (cluster.Login == ClusterLoginKind.Password)
        {
            return new SecretLogin(cluster.User, box.Open(warehouse, cluster, kept));
        }

        var key = (settings.Place, cluster);
        if (!_given.TryGetValue(key, out var login) || login.ExpiresAt - clock.GetUtcNow() < Margin)
        {
            var clients = await aws.ForAsync(settings.Place, ct);
            // It opens that cluster, so it is sent to that cluster only, or to the near end of a tunnel.
            var found = await clients.Redshift.FindClusterAsync(cluster.Id, ct) ?? throw SparkifyException.Invalid(
                $"AWS knows no cluster {cluster.Id} in {clients.Region}. Give its identifier, or log in with a password.");
            if (found.Host != cluster.Host && !ExistingCluster.IsLoopback(cluster.Host))
            {
                throw SparkifyException.Invalid(
                    $"AWS says that the cluster {cluster.Id} answers at {found.Host}, and not at {cluster.Host}: its password is sent nowhere else. Give that host.");
            }

            _given[key] = login = await clients.Redshift.GetLoginAsync(cluster.Id, cluster.User, cluster.Database, Life, ct);
        }

        return new SecretLogin(login.User, login.Password);
    }

    /// <summary>Has AWS give out another password the next time: the cluster refuses the last one.</summary>
    public void Forget(RedshiftSettings settings) => _given.TryRemove((settings.Place, settings.Existing!), out _);
}

/// <summary>The passwords of logins among the secrets that are encrypted anew.</summary>
internal sealed class LoginSecrets(LoginBox box) : IKeptSecrets
{
    public async Task<int> ReencryptAsync(NpgsqlConnection db, CancellationToken ct)
    {
        var rows = (await db.QueryAsync<(string Name, string Settings, string Password)>(new CommandDefinition(
            "select name, redshift::text, login_password from warehouses where login_password is not null order by name for update",
            cancellationToken: ct))).AsList();
        foreach (var (name, settings, password) in rows)
        {
            var cluster = JsonSerializer.Deserialize<RedshiftSettings>(settings)!.Existing!;
            var opened = box.Open(name, cluster, new KeptLogin(password, Alone: false));
            await db.ExecuteAsync(new CommandDefinition(
                "update warehouses set login_password = @closed where name = @name",
                new { name, closed = box.Close(name, cluster, new LoginPassword(opened)) }, cancellationToken: ct));
        }

        return rows.Count;
    }
}
