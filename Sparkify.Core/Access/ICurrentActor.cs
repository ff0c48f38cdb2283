using Sparkify.Core.Common;

namespace Sparkify.Core.Access;

/// <summary>Who acts in this request or on this circuit: the one place that knows.</summary>
public interface ICurrentActor
{
    /// <summary>
    /// Who it is, with what they might when they were last asked after: to record and to show. Throws a sentence when it is nobody.
    /// </summary>
    Actor Actor { get; }

    /// <summary>The session they act by; none for whoever sits at the machine itself, and for programs.</summary>
    long? Session { get; }

    /// <summary>Where they are.</summary>
    string Address { get; }

    /// <summary>By what they were let in, for the record: a session, a token, or the machine itself.</summary>
    string Via { get; }

    /// <summary>Who it is, with what they may just now. Throws a sentence when it is nobody, or nobody any more.</summary>
    ValueTask<Actor> NowAsync(CancellationToken ct);
}
