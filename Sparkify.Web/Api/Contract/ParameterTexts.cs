namespace Sparkify.Web.Api.Contract;

/// <summary>What parameters mean: one of a name means the same wherever it stands.</summary>
internal static class ParameterTexts
{
    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["warehouses/{name}"] = "The warehouse's name.",
        ["tables/{table}"] = "The table's name, such as `songplays`.",
        ["runs/{id}"] = "The run's number.",
        ["chains/{id}"] = "The chain's number.",
        ["files/{report}"] = "The report's id, as the list of files gives it.",
        ["schedules/{id}"] = "The schedule's number.",
        ["logins/{id}"] = "The login's number.",
        ["tokens/{id}"] = "The token's number.",
        ["queries/{id}"] = "The query's number.",
        ["dashboards/{id}"] = "The dashboard's id; `home` for Home's.",
        ["reports/{id}"] = "The report's id, such as `top-songs`; the catalogue lists them.",
        ["connections/{name}"] = "The connection's name.",
        ["hooks/{name}"] = "The hook's name.",
        ["snapshots/{snapshot}"] = "The snapshot's identifier, as the list of snapshots gives it.",
        ["deliveries/{id}"] = "The delivery's id, as the list of deliveries gives it.",
        ["after"] = "Only lines with a higher sequence number.",
        ["connection"] = "The AWS connection to use; this machine's own credentials when left out.",
        ["csv"] = "How CSV is written: `raw` as it is, `excel` with a byte order mark and guarded formulas.",
        ["file"] = "The file's name below its location, as the list of files gives it; all files when left out, where that can be.",
        ["format"] = "In which form the answer comes.",
        ["fresh"] = "Whether it is computed again whatever the cache holds.",
        ["from"] = "From this time on.",
        ["kind"] = "Only runs of this kind.",
        ["most"] = "How many at most.",
        ["nodes"] = "How many nodes the cluster has.",
        ["nodeType"] = "The cluster's node type; the one of new warehouses when left out.",
        ["notes"] = "Whether lines that begin with `#` and say what the file is stand before the headings.",
        ["order"] = "The order; by file and line when left out.",
        ["outcome"] = "Only what ended so.",
        ["page"] = "The page, from 1.",
        ["part"] = "The part of the source.",
        ["reason"] = "Only those with exactly this reason.",
        ["region"] = "The region, such as `eu-central-1`; the configured one when left out.",
        ["rejects"] = "Only runs that met bad records.",
        ["run"] = "The number of the load or check that is asked about; the latest load when left out.",
        ["simulated"] = "Whether the simulator is asked instead of AWS.",
        ["size"] = "How many a page has.",
        ["skip"] = "How many to pass over.",
        ["state"] = "Only runs in this state.",
        ["text"] = "Only those that contain this text; upper and lower case are the same.",
        ["until"] = "Before this time.",
        ["warehouse"] = "Only those of this warehouse.",
        ["why"] = "Why, in your words, at most 1,000 characters; kept with the run.",
    };

    /// <summary>What a parameter of an address means; none when nobody has said it.</summary>
    public static string? Of(string path, string parameter)
    {
        var pieces = path.Split('/');
        var at = Array.FindIndex(pieces, p => p == $"{{{parameter}}}" || p.StartsWith($"{{{parameter}:", StringComparison.Ordinal));
        return Texts.GetValueOrDefault(at > 0 ? $"{pieces[at - 1]}/{{{parameter}}}" : parameter);
    }
}
