using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Sparkify.Core.Aws.Errors;

namespace Sparkify.Core.Aws.Clients;

/// <summary>
/// Counts within one call the tries that AWS turned down because there were too many, and keeps how the last try failed.
/// The SDK tries again by itself and tells nobody, so this stands in the pipeline of each of its clients, below what tries again.
/// </summary>
internal sealed class ThrottledTries : PipelineHandler, IRuntimePipelineCustomizer
{
    private static readonly AsyncLocal<ThrottledCount?> Present = new();

    public string UniqueName => nameof(ThrottledTries);

    /// <summary>Stands in every client that is made from now on; once for the process, as the SDK has it.</summary>
    public static void Register() => RuntimePipelineCustomizerRegistry.Instance.Register(new ThrottledTries());

    /// <summary>Counts from now on, for what is called from here.</summary>
    public static ThrottledCount Begin() => Present.Value = new ThrottledCount();

    public void Customize(Type type, RuntimePipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        pipeline.AddHandlerAfter<RetryHandler>(new ThrottledTries());
    }

    public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        try
        {
            return await base.InvokeAsync<T>(executionContext);
        }
        catch (AmazonServiceException ex) when (ex.StatusCode != default)
        {
            Present.Value?.Add(ex.ErrorCode, (int)ex.StatusCode);
            throw;
        }
    }
}

/// <summary>How many tries of a call were turned down.</summary>
internal sealed class ThrottledCount
{
    private int _tries;

    /// <summary>So many by now.</summary>
    public int Tries => Volatile.Read(ref _tries);

    /// <summary>How the last try was answered that failed; none when none was answered.</summary>
    public string? Failed { get; private set; }

    /// <summary>One more that failed.</summary>
    public void Add(string? code, int status)
    {
        Failed = string.IsNullOrWhiteSpace(code) ? $"HTTP {status}" : $"{code} (HTTP {status})";
        if (AwsCodes.IsThrottle(code, status))
        {
            Interlocked.Increment(ref _tries);
        }
    }
}
