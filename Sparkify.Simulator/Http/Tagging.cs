namespace Sparkify.Simulator;

/// <summary>Tags that are put on what is there: AWS counts what it would have then.</summary>
internal static class Tagging
{
    private const int Most = 50;

    /// <summary>Puts them on, or none of them when it would have too many.</summary>
    public static void Put(
        Dictionary<string, string> there, IEnumerable<KeyValuePair<string, string>> tags, string code = "TagLimitExceededFault")
    {
        Dictionary<string, string> then = new(there, StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            then[key] = value;
        }

        Limit(then, code);
        foreach (var (key, value) in then)
        {
            there[key] = value;
        }
    }

    /// <summary>Refuses more than a resource can have.</summary>
    public static void Limit(Dictionary<string, string> tags, string code = "TagLimitExceededFault")
    {
        if (tags.Count > Most)
        {
            throw new AwsErrorException(code, $"A resource can have at most {Most} tags.");
        }
    }
}
