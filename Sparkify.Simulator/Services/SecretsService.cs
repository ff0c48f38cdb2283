using System.Text.Json;
using System.Text.Json.Nodes;
using Sparkify.Simulator.Signing;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>Secrets Manager 2017-10-17 (JSON 1.1): the master passwords that Redshift manages.</summary>
internal static class SecretsService
{
    public static JsonObject Answer(string operation, JsonObject input, Caller caller, World world)
    {
        var region = world.Region(caller.Region);
        return operation switch
        {
            "GetSecretValue" => Value(Find(region, input)),
            "RotateSecret" => Rotate(region, Find(region, input), input),
            "DescribeSecret" => Describe(Find(region, input)),
            "TagResource" => Tag(Find(region, input), input),
            "UntagResource" => Untag(Find(region, input), input),
            "ListSecrets" => new JsonObject { ["SecretList"] = new JsonArray([.. region.Secrets.Values.Select(Describe)]) },
            _ => throw new AwsErrorException("UnknownOperationException", $"The simulator does not know {operation}."),
        };
    }

    public static JsonObject Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            throw new AwsErrorException("SerializationException", "The body is not JSON.");
        }
    }

    private static JsonObject Value(Secret secret) => new()
    {
        ["ARN"] = secret.Arn,
        ["Name"] = secret.Name,
        ["SecretString"] = secret.Text,
        ["VersionStages"] = new JsonArray("AWSCURRENT"),
        ["CreatedDate"] = secret.CreatedAt.ToUnixTimeSeconds(),
    };

    // At once; Redshift itself takes up to a minute.
    private static JsonObject Rotate(RegionState region, Secret old, JsonObject input)
    {
        var token = (string?)input["ClientRequestToken"] is { Length: >= 32 and <= 64 } given ? given
            : throw new AwsErrorException("InvalidParameterException", "ClientRequestToken must have 32 to 64 characters.");
        var cluster = region.Clusters.Values.FirstOrDefault(c => c.Secret?.Arn == old.Arn && c.Status == "available")
            ?? throw new AwsErrorException("InvalidRequestException", $"The cluster of the secret {old.Name} is not available.");
        var rotated = old with { Text = Secret.NewText(cluster.MasterUsername) };
        region.Secrets[old.Arn] = cluster.Secret = rotated;
        cluster.MasterPasswords++;
        return new JsonObject { ["ARN"] = rotated.Arn, ["Name"] = rotated.Name, ["VersionId"] = token };
    }

    private static JsonObject Tag(Secret secret, JsonObject input)
    {
        Tagging.Put(
            secret.Tags, (input["Tags"] as JsonArray ?? []).OfType<JsonObject>()
                .Select(static tag => new KeyValuePair<string, string>((string)tag["Key"]!, (string?)tag["Value"] ?? "")),
            "LimitExceededException");
        return [];
    }

    private static JsonObject Untag(Secret secret, JsonObject input)
    {
        foreach (var key in input["TagKeys"] as JsonArray ?? [])
        {
            secret.Tags.Remove((string)key!);
        }

        return [];
    }

    private static JsonObject Describe(Secret secret) => new()
    {
        ["ARN"] = secret.Arn,
        ["Name"] = secret.Name,
        ["OwningService"] = "redshift",
        ["CreatedDate"] = secret.CreatedAt.ToUnixTimeSeconds(),
        ["Tags"] = new JsonArray([.. secret.Tags.Select(t => new JsonObject { ["Key"] = t.Key, ["Value"] = t.Value })]),
    };

    private static Secret Find(RegionState region, JsonObject input)
    {
        var id = (string?)input["SecretId"] ?? throw new AwsErrorException("InvalidParameterException", "SecretId is required.");
        return region.Secrets.Values.FirstOrDefault(s => s.Arn == id || s.Name == id)
            ?? throw new AwsErrorException("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    }
}
