using System.Reflection;
using System.Reflection.Emit;
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
    private const BindingFlags All =
        BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    [Fact]
    public void KeptSources_OfOurAssemblies_ArePlainAndNeverDisposed() => Assert.Empty(
        new[] { typeof(SparkifyException).Assembly, typeof(SimulatorServer).Assembly, typeof(SparkifyApp).Assembly }
            .SelectMany(a => a.GetTypes()).SelectMany(Faults));

    [Fact]
    public void Faults_OfASourceThatIsLinkedTimedOrDisposed_AreFound() => Assert.Equal(
        ["Planted._disposed is disposed of", "Planted._later is disposed of", "Planted._linked is linked", "Planted._timed has a timer"],
        typeof(Planted).GetNestedTypes(All).Prepend(typeof(Planted)).SelectMany(Faults).Order(StringComparer.Ordinal));

    private static IEnumerable<string> Faults(Type type)
    {
        foreach (var method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
        {
            (OpCode Code, MemberInfo? Member) before = default;
            foreach (var now in TypeUses.Members(method))
            {
                var how = now.Code == OpCodes.Stfld && IsKept(now.Member) && before.Member is MethodBase made ? Made(made)
                    : before.Code == OpCodes.Ldfld && IsKept(before.Member) && now.Member.Name == "Dispose" ? "is disposed of"
                    : null;
                if (how is not null)
                {
                    var field = IsKept(now.Member) ? now.Member : before.Member!;
                    yield return $"{field.DeclaringType!.Name}.{field.Name} {how}";
                }

                before = now;
            }
        }
    }

    // What the compiler makes of a local that lives over an await has a name that no source has.
    private static bool IsKept(MemberInfo? member) =>
        member is FieldInfo field && field.FieldType == typeof(CancellationTokenSource) && field.Name[0] == '_';

    private static string? Made(MethodBase by) => by.DeclaringType != typeof(CancellationTokenSource) ? null
        : by.Name == "CreateLinkedTokenSource" ? "is linked"
        : by.IsConstructor && by.GetParameters().Length > 0 ? "has a timer"
        : null;

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
