namespace Sparkify.Simulator.State;

/// <summary>A policy of the account's own, to be attached to roles. It has one version.</summary>
internal sealed class CustomerPolicy
{
    public required string Name { get; init; }

    public required string Id { get; init; }

    public required string Arn { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string Document { get; init; }

    public string Path { get; init; } = "/";

    public string? Description { get; init; }

    public Dictionary<string, string> Tags { get; init; } = new(StringComparer.Ordinal);
}
