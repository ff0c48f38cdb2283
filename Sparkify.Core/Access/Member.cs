using System.Collections.Concurrent;
using System.Reflection;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Access;

/// <summary>A member of a guarded service: what it needs, and which of its arguments say what of.</summary>
internal sealed class Member
{
    private static readonly ConcurrentDictionary<MethodInfo, Member> Known = new();
    private readonly ParameterInfo[] _parameters;

    private Member(MethodInfo method)
    {
        _parameters = method.GetParameters();
        Method = method;
        Name = $"{method.DeclaringType!.Name}.{method.Name}";
        Needs = method.GetCustomAttribute<NeedsAttribute>()
            ?? Array.Find(method.DeclaringType.GetProperties(), p => p.GetMethod == method)?.GetCustomAttribute<NeedsAttribute>();
        IsRecorded = method.GetCustomAttribute<RecordedAttribute>() is not null;
        Shape = Shape.Of(method.ReturnType);
    }

    /// <summary>The method itself.</summary>
    public MethodInfo Method { get; }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>What it says it needs; none refuses everybody.</summary>
    public NeedsAttribute? Needs { get; }

    /// <summary>Whether its calls stand in the audit trail; refusals always do.</summary>
    public bool IsRecorded { get; }

    /// <summary>How its answer comes.</summary>
    public Shape Shape { get; }

    public static Member Of(MethodInfo method) => Known.GetOrAdd(method, static m => new Member(m));

    /// <summary>The warehouse a call names.</summary>
    public string Warehouse(object?[] args) => Argument<NewWarehouse>(args)?.Name ?? (string?)args[Array.FindIndex(
        _parameters, static p => p.Name is "warehouse" or "name" && p.ParameterType == typeof(string))] ?? "";

    /// <summary>The run a call names.</summary>
    public long Run(object?[] args) => (long)args[Array.FindIndex(_parameters, static p => p.Name == "run")]!;

    /// <summary>The source a call is about.</summary>
    public SourceSpec Source(object?[] args) => Argument<SourceSpec>(args)!;

    /// <summary>The kinds of run a call asks for.</summary>
    public static IEnumerable<RunKind> Kinds(object?[] args) => args.OfType<RunKind>();

    /// <summary>Puts something in the place of an argument of its type, where there is one.</summary>
    public void Put<T>(object?[] args, Func<T, T> made)
        where T : class
    {
        var at = Array.FindIndex(_parameters, static p => p.ParameterType == typeof(T));
        if (at >= 0 && args[at] is T now)
        {
            args[at] = made(now);
        }
    }

    /// <summary>What cancels a call.</summary>
    public static CancellationToken Token(object?[] args) => args.OfType<CancellationToken>().FirstOrDefault();

    private T? Argument<T>(object?[] args)
        where T : class
    {
        var at = Array.FindIndex(_parameters, static p => p.ParameterType == typeof(T));
        return at < 0 ? null : (T?)args[at];
    }
}
