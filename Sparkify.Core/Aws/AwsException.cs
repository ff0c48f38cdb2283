using Sparkify.Core.Common;

namespace Sparkify.Core.Aws;

/// <summary>What kind of trouble a call to AWS had; decides what the caller does next.</summary>
public enum AwsFault
{
    /// <summary>AWS was busy or broken, also after several tries; it may work later.</summary>
    Transient,

    /// <summary>The caller may not do this.</summary>
    Denied,

    /// <summary>What was asked for does not exist.</summary>
    Missing,

    /// <summary>It exists already, or its present state does not allow this.</summary>
    Conflict,

    /// <summary>A quota is used up, or AWS has no capacity.</summary>
    Quota,

    /// <summary>The request is wrong and has to be changed.</summary>
    Invalid,

    /// <summary>The endpoint does not know the operation: it is not AWS, and stands in for a part of it only.</summary>
    Unknown,

    /// <summary>AWS could not be reached; whether the call had an effect is unknown.</summary>
    Unreachable,

    /// <summary>There are no credentials, or AWS does not accept them.</summary>
    Credentials,
}

/// <summary>A call to AWS that failed. Its message is a sentence for a person and never holds a secret.</summary>
public sealed class AwsException(AwsFault fault, string message, Exception? inner = null) : SparkifyException(KindOf(fault), message, inner)
{
    /// <summary>What kind of trouble it is.</summary>
    public AwsFault Fault { get; } = fault;

    /// <summary>The service, such as <c>Redshift</c>.</summary>
    public string Service { get; init; } = "AWS";

    /// <summary>The operation, such as <c>CreateCluster</c>.</summary>
    public string Operation { get; init; } = "";

    /// <summary>The service's own code, such as <c>ClusterAlreadyExists</c>; none when it did not answer with one.</summary>
    public string? Code { get; init; }

    /// <summary>The request's id, which AWS's support asks for.</summary>
    public string? RequestId { get; init; }

    /// <summary>Whether the time of whoever waited was over before there was an answer.</summary>
    public bool OutOfTime { get; init; }

    /// <summary>Whether it says of an operation that it cannot be had here: denied, or not known to the endpoint.</summary>
    public bool IsNotToBeHad => Fault is AwsFault.Denied or AwsFault.Unknown or AwsFault.Missing;

    private static ProblemKind KindOf(AwsFault fault) => fault switch
    {
        AwsFault.Transient or AwsFault.Unreachable => ProblemKind.Unavailable,
        AwsFault.Denied or AwsFault.Credentials => ProblemKind.Denied,
        AwsFault.Missing => ProblemKind.NotFound,
        AwsFault.Conflict or AwsFault.Quota => ProblemKind.Conflict,
        _ => ProblemKind.Invalid,
    };
}
