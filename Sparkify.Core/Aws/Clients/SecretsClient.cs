using System.Text.Json.Nodes;
using Sparkify.Core.Aws.Errors;
using Sparkify.Core.Aws.Wire;

namespace Sparkify.Core.Aws.Clients;

internal sealed class SecretsClient(AwsWireClient wire, AwsGuard guard) : ISecretsClient
{
    public Task<SecretLogin> GetLoginAsync(string arn, CancellationToken ct) => guard.CallAsync("GetSecretValue", async within =>
    {
        var answer = await wire.JsonAsync("GetSecretValue", new JsonObject { ["SecretId"] = arn }, within);
        var login = JsonNode.Parse((string?)answer["SecretString"] ?? "{}") as JsonObject;
        return login?["username"] is { } user && login["password"] is { } password
            ? new SecretLogin((string)user!, (string)password!)
            : throw new AwsException(AwsFault.Invalid, $"The secret {arn} does not hold a user name and a password.");
    }, ct);

    public Task RotateAsync(string arn, CancellationToken ct) => guard.CallAsync("RotateSecret", within => wire.JsonAsync(
        "RotateSecret",
        new JsonObject { ["SecretId"] = arn, ["ClientRequestToken"] = Guid.NewGuid().ToString(), ["RotateImmediately"] = true }, within), ct);

    public Task<IReadOnlyDictionary<string, string>> TagsAsync(string arn, CancellationToken ct) =>
        guard.CallAsync<IReadOnlyDictionary<string, string>>("DescribeSecret", async within =>
        {
            var answer = await wire.JsonAsync("DescribeSecret", new JsonObject { ["SecretId"] = arn }, within);
            return (answer["Tags"] as JsonArray ?? []).OfType<JsonObject>()
                .ToDictionary(static t => (string?)t["Key"] ?? "", static t => (string?)t["Value"] ?? "", StringComparer.Ordinal);
        }, ct);

    public Task TagAsync(string arn, IReadOnlyDictionary<string, string> tags, CancellationToken ct) => guard.CallAsync(
        "TagResource", within => wire.JsonAsync("TagResource", new JsonObject
        {
            ["SecretId"] = arn,
            ["Tags"] = new JsonArray([.. tags.Select(static t => new JsonObject { ["Key"] = t.Key, ["Value"] = t.Value })]),
        }, within), ct);

    public Task UntagAsync(string arn, IReadOnlyList<string> keys, CancellationToken ct) => guard.CallAsync(
        "UntagResource", within => wire.JsonAsync(
            "UntagResource",
            new JsonObject { ["SecretId"] = arn, ["TagKeys"] = new JsonArray([.. keys.Select(static k => JsonValue.Create(k))]) }, within),
        ct);

    public async Task<bool> ExistsAsync(string arn, CancellationToken ct) => await guard.FindAsync("DescribeSecret", async within =>
    {
        var answer = await wire.JsonAsync("DescribeSecret", new JsonObject { ["SecretId"] = arn }, within);
        // A secret on its way out is still described for days, with the date of its end.
        return answer["DeletedDate"] is null ? answer : throw new AwsException(AwsFault.Missing, $"The secret {arn} is being deleted.");
    }, ct) is not null;

    public async Task<IReadOnlyList<string>> ListAsync(string namePrefix, CancellationToken ct)
    {
        List<string> all = [];
        string? token = null;
        do
        {
            var input = new JsonObject
            {
                ["Filters"] = new JsonArray(
                new JsonObject { ["Key"] = "name", ["Values"] = new JsonArray(namePrefix) })
            };
            if (token is not null)
            {
                input["NextToken"] = token;
            }

            var page = await guard.CallAsync("ListSecrets", within => wire.JsonAsync("ListSecrets", input, within), ct);
            all.AddRange((page["SecretList"] as JsonArray ?? []).OfType<JsonObject>()
                .Where(s => ((string?)s["Name"] ?? "").StartsWith(namePrefix, StringComparison.Ordinal))
                    .Select(static s => (string?)s["ARN"] ?? ""));
            token = (string?)page["NextToken"];
        }
        while (token is not null);
        return all;
    }
}
