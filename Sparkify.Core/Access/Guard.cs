using System.Reflection;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;

namespace Sparkify.Core.Access;

/// <summary>
/// Stands before a service: every call is looked at when it is made, whoever made it and however long ago they came in. Its runtime makes
/// a class of it for each service.
/// </summary>
internal class Guard : DispatchProxy
{
    private object _service = null!;
    private ICurrentActor _who = null!;
    private Subjects _subjects = null!;
    private IAuditWriter _audit = null!;
    private CallPatience _patience = null!;

    /// <summary>A guard before a service, for one caller.</summary>
    public static object Before(
        Type type, object service, ICurrentActor who, Subjects subjects, IAuditWriter audit, CallPatience? patience = null)
    {
        var guard = Create(type, typeof(Guard));
        var self = (Guard)guard;
        (self._service, self._who, self._subjects, self._audit, self._patience) = (service, who, subjects, audit, patience ?? new());
        return guard;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var member = Member.Of(targetMethod!);
        return member.Shape.Call(new GuardedCall(member, args ?? [], _service, _who, _subjects, _audit, _patience));
    }
}
