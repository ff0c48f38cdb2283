using Sparkify.Core.Access;
using Sparkify.Core.Common;

namespace Sparkify.Tests.Fakes;

/// <summary>Whoever the test says is at the page.</summary>
internal sealed class FakeActor : ICurrentActor
{
    public Actor Actor { get; set; } = Actor.LocalAdministrator;

    public long? Session { get; set; }

    public string Address => "127.0.0.1";

    public string Via => "test";

    public ValueTask<Actor> NowAsync(CancellationToken ct) => ValueTask.FromResult(Actor);
}
