using System.Reflection;
using Sparkify.Core.Common;
using Sparkify.Simulator;
using Sparkify.Web;

namespace Sparkify.Tests.Architecture;

/// <summary>
/// A source of cancellation that an object keeps may be cancelled by others at any moment, the object's own end included. So it is
/// a plain one, with neither timer nor link, and is never disposed of: there is nothing in it to free, and no cancel comes too late.
/// Links and limits are locals of the method that waits.
/// </summary>
public sealed class CancellationTests
{
    private const BindingFlags All = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Those that answer for it themselves.</summary>
    private static readonly string[] Known =
    [
        "ActiveRun._cancel is disposed of", // a cancel that comes too late is caught there
        "EmbeddedPostgres._stopping is disposed of", // cancelled by nobody but its own end, once
    ];

    [Fact]
    public void KeptSources_OfOurAssemblies_ArePlainAndNeverDisposed() => Assert.Empty(
        new[] { typeof(SparkifyException).Assembly, typeof(SimulatorServer).Assembly, typeof(SparkifyApp).Assembly }
            .SelectMany(a => a.GetTypes()).SelectMany(Faults).Except(Known, StringComparer.Ordinal));

    [Fact]
    public void Faults_OfASourceThatIsLinkedTimedOrDisposed_AreFound() => Assert.Equal(
        ["Planted._linked is linked", "Planted._timed has a timer", "Planted._disposed is disposed of", "Planted._later is disposed of"],
        typeof(Planted).GetNestedTypes(All).Prepend(typeof(Planted)).SelectMany(Faults));

    private static IEnumerable<string> Faults(Type type)
    {
        foreach (var method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
        {
            MemberInfo? before = null;
            foreach (var member in TypeUses.Members(method))
            {
                if (Kept(member) is { } made && before is MethodBase { Name: "CreateLinkedTokenSource" })
                {
                    yield return $"{made} is linked";
                }
                else if (Kept(member) is { } timed && before is ConstructorInfo maker && maker.GetParameters().Length > 0)
                {
                    yield return $"{timed} has a timer";
                }
                else if (Kept(before) is { } gone && member is MethodInfo { Name: "Dispose" })
                {
                    yield return $"{gone} is disposed of";
                }

                before = member;
            }
        }
    }

    // What the compiler makes of a local that lives over an await has a name that no source has.
    private static string? Kept(MemberInfo? member) =>
        member is FieldInfo { DeclaringType: { } owner } field && field.FieldType == typeof(CancellationTokenSource) && field.Name[0] == '_'
            ? $"{owner.Name}.{field.Name}" : null;

    private sealed class Planted(CancellationToken ct) : IDisposable
    {
        private readonly CancellationTokenSource _linked = CancellationTokenSource.CreateLinkedTokenSource(ct);
        private readonly CancellationTokenSource _timed = new(1000);
        private readonly CancellationTokenSource _disposed = new();
        private readonly CancellationTokenSource _later = new();

        public void Dispose()
        {
            _linked.Cancel();
            _timed.Cancel();
            _disposed.Dispose();
        }

        public async Task EndAsync()
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_linked.Token, _timed.Token);
            await _later.CancelAsync();
            _later.Dispose();
        }
    }
}
