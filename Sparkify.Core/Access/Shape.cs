using System.Runtime.CompilerServices;
using Sparkify.Core.Common;

namespace Sparkify.Core.Access;

/// <summary>How a member's answer comes, and when a call can be looked at: before it, and where it goes on for long, on the way.</summary>
internal abstract class Shape
{
    /// <summary>Makes a call once it may be made.</summary>
    public abstract object? Call(GuardedCall call);

    public static Shape Of(Type answer)
    {
        var generic = answer.IsGenericType ? answer.GetGenericTypeDefinition() : null;
        var shape = answer == typeof(Task) ? typeof(Work)
            : generic == typeof(Task<>) ? typeof(Answer<>)
            : generic == typeof(IAsyncEnumerable<>) ? typeof(Stream<>)
            : generic == typeof(Subscription<>) ? typeof(Live<>)
            : typeof(Fact);
        return (Shape)Activator.CreateInstance(
            shape.IsGenericTypeDefinition ? shape.MakeGenericType(answer.GetGenericArguments()) : shape)!;
    }

    private sealed class Work : Shape
    {
        public override object Call(GuardedCall call) => RunAsync(call);

        private static Task<bool> RunAsync(GuardedCall call) => call.RunAsync(async () =>
        {
            using var waits = call.BeginWaiting();
            await (Task)call.Invoke()!;
            return true;
        });
    }

    private sealed class Answer<T> : Shape
    {
        public override object Call(GuardedCall call) => RunAsync(call);

        private static Task<T> RunAsync(GuardedCall call) =>
            call.RunAsync(async () =>
            {
                using var waits = call.BeginWaiting();
                return (T)call.Narrow(await (Task<T>)call.Invoke()!)!;
            });
    }

    private sealed class Stream<T> : Shape
    {
        public override object Call(GuardedCall call) => RunAsync(call);

        private static async IAsyncEnumerable<T> RunAsync(GuardedCall call, [EnumeratorCancellation] CancellationToken ct = default)
        {
            var stream = await call.RunAsync(() => Task.FromResult((IAsyncEnumerable<T>)call.Invoke()!));
            await using var each = stream.GetAsyncEnumerator(ct);
            bool more;
            // Until it begins; how long all of it takes is its own affair.
            using (call.BeginWaiting())
            {
                more = await each.MoveNextAsync();
            }

            for (; more; more = await each.MoveNextAsync())
            {
                yield return each.Current;
            }
        }
    }

    // A feed has to be joined before the present state is read, at once: whether one may is asked when one reads from it, each time.
    private sealed class Live<T> : Shape
    {
        public override object Call(GuardedCall call)
        {
            call.CheckWhatIsKnown();
            var feed = (Subscription<T>)call.Invoke()!;
            return new Subscription<T>(new GuardedReader<T>(feed.Reader, call), feed.Dispose);
        }
    }

    // What is at hand without waiting.
    private sealed class Fact : Shape
    {
        public override object? Call(GuardedCall call)
        {
            call.CheckWhatIsKnown();
            return call.Invoke();
        }
    }
}
