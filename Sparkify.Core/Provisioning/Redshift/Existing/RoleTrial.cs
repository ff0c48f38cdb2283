using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Existing;

/// <summary>
/// Whether a cluster can read with its role what loads will have it read. Nothing but a COPY tells: one object of the songs, by a manifest
/// in the staging location, into a temporary table.
/// </summary>
internal sealed partial class RoleTrial(S3Buckets buckets, IAws aws)
{
    /// <summary>What is wrong, as a sentence; none when the role can be used. Not tried when there is no object.</summary>
    /// <param name="db">A session of whoever is to use it.</param>
    /// <param name="warehouse">The warehouse.</param>
    /// <param name="settings">Its settings, with the role.</param>
    /// <param name="source">Its source.</param>
    /// <param name="ct">Cancels.</param>
    /// <param name="table">What the temporary table is called.</param>
    public async Task<(bool Tried, string? Problem)> TryAsync(
        NpgsqlConnection db, string warehouse, RedshiftSettings settings, LocationSource source, CancellationToken ct,
        string table = "sparkify_role_trial")
    {
        var songs = S3Path.Parse(source.Songs, "songs");
        var bucket = await buckets.FindAsync(source.Place, songs, "songs location", ct);
        if (await S3Problems.TranslateErrorsAsync("songs location", songs, () => FirstAsync(bucket.S3, songs, ct)) is not { } first)
        {
            return (false, null);
        }

        var manifest = settings.StagingPath(warehouse, source).Below($"trial-{Guid.NewGuid():N}.manifest");
        var staging = await buckets.FindAsync(source.Place, manifest, "staging location", ct);
        if (staging.Region != bucket.Region)
        {
            return (true, $"{songs} is in {bucket.Region}, and the staging location {manifest with { Key = "" }} in {staging.Region}; a COPY reads from one region only. Give the warehouse a staging location in a bucket of the same region.");
        }

        try
        {
            await PutAsync(staging.S3, manifest, songs with { Key = first.Key }, first.Size, ct);
            var region = staging.Region == (await aws.ForAsync(settings.Place, ct)).Region ? "" : $" region {RedshiftSql.Literal(staging.Region)}";
            var role = settings.Existing!.Role is { } arn ? RedshiftSql.Literal(arn) : "default";
            await db.SendAsync($"create temporary table {table} (artist_id varchar(256))", ct);
            // What is wrong with the object itself is for the load to say.
            await db.SendAsync(
                $"copy {table} from {RedshiftSql.Literal(manifest.ToString())} iam_role {role} manifest json 'auto' truncatecolumns maxerror 100000 compupdate off statupdate off{region}", ct);
            await db.SendAsync($"drop table {table}", ct);
            return (true, null);
        }
        catch (PostgresException e)
        {
            return (true, Sentence(e, settings.Existing!.Role, manifest, songs));
        }
        finally
        {
            await ForgetAsync(staging.S3, manifest);
        }
    }

    // Also when somebody has cancelled it. Who may write and not delete finds out by the first load, which says so.
    private static async Task ForgetAsync(IS3Client s3, S3Path manifest)
    {
        // Also when the time of whoever waited is over: nobody waits for this.
        using var own = CallBudget.Begin(TimeProvider.System, TimeSpan.FromSeconds(10));
        try
        {
            await s3.DeleteAsync(manifest.Bucket, manifest.Key, CancellationToken.None);
        }
        catch (AwsException e) when (e.Fault == AwsFault.Denied || e.OutOfTime)
        {
            // What was found before is worth more.
        }
    }

    private static async Task<S3Item?> FirstAsync(IS3Client s3, S3Path songs, CancellationToken ct)
    {
        await foreach (var item in s3.ListAsync(songs.Bucket, songs.Key, ct))
        {
            if (item.Size > 0 && item.Key.Contains(".json", StringComparison.OrdinalIgnoreCase))
            {
                return item;
            }
        }

        return null;
    }

    private static async Task PutAsync(IS3Client s3, S3Path at, S3Path what, long bytes, CancellationToken ct)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(new
        {
            entries = new[] { new { url = what.ToString(), mandatory = true, meta = new { content_length = bytes } } },
        });
        using MemoryStream content = new(text);
        try
        {
            await s3.PutAsync(at.Bucket, at.Key, content, ct);
        }
        catch (AwsException e)
        {
            throw S3Problems.Sentence(e, "staging location", at);
        }
    }

    // Redshift has no codes for it, so its own words are looked at, not the names it repeats.
    private static string Sentence(PostgresException e, string? role, S3Path manifest, S3Path songs)
    {
        var said = $"{e.MessageText} {e.Detail}".ReplaceLineEndings(" ").Trim();
        var judged = Names().Replace(said, " ");
        var name = role is null ? "The cluster's default role" : $"The role {role}";
        var what = Says("assume", "not authorized to get credentials", "no default", "is not attached")
            ? $"{name} cannot be used by the cluster. Have it attached to the cluster, with a trust policy that names redshift.amazonaws.com{(role is null ? ", or name a role" : "")}."
            : Says("accessdenied", "access denied", "403", "forbidden")
                ? $"{name} may not read {songs} or {manifest with { Key = manifest.Key[..(manifest.Key.LastIndexOf('/') + 1)] }}. Have it granted both, or give a staging location it may read."
            : "The cluster could not copy an object of the source.";
        return $"{what} Redshift says: {said} [{e.SqlState}]";

        bool Says(params ReadOnlySpan<string> words)
        {
            foreach (var word in words)
            {
                if (judged.Contains(word, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }

            return false;
        }
    }

    [GeneratedRegex(@"s3://\S+|arn:\S+|'[^']*'|""[^""]*""", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Names();
}
