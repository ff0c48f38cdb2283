using Sparkify.Core.Common;

namespace Sparkify.Web.Shared;

/// <summary>Who acts on this circuit: the one place to change once there are accounts.</summary>
public interface ICurrentActor
{
    /// <summary>The person whose name goes with each command.</summary>
    Actor Actor { get; }
}

internal sealed class LocalActor : ICurrentActor
{
    public Actor Actor => Actor.LocalAdministrator;
}
