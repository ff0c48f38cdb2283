namespace Sparkify.Core.Aws.Errors;

/// <summary>Which kind of trouble a service's code is; the same trouble has a different code in each service.</summary>
internal static class AwsCodes
{
    private static readonly Dictionary<string, AwsFault> Known = Table();

    /// <summary>By the code, and by the HTTP status where the code says nothing.</summary>
    public static AwsFault FaultOf(string? code, int status) => code switch
    {
        // A stand-in may call what it has not got an internal failure (LocalStack).
        { Length: > 0 } when status == 501 => AwsFault.Unknown,
        { Length: > 0 } when Known.TryGetValue(code, out var fault) => fault,
        { Length: > 0 } when code.Contains("NotFound", StringComparison.Ordinal) => AwsFault.Missing,
        { Length: > 0 } when code.Contains("AlreadyExists", StringComparison.Ordinal)
            || code.EndsWith(".Duplicate", StringComparison.Ordinal) => AwsFault.Conflict,
        { Length: > 0 } when code.Contains("QuotaExceeded", StringComparison.Ordinal)
            || code.Contains("LimitExceeded", StringComparison.Ordinal) => AwsFault.Quota,
        { Length: > 0 } when code.Contains("Throttl", StringComparison.Ordinal) => AwsFault.Transient,
        { Length: > 0 } when code.Contains("State", StringComparison.Ordinal) && status < 500 => AwsFault.Conflict,
        _ => status switch
        {
            405 or 501 => AwsFault.Unknown,
            429 or >= 500 => AwsFault.Transient,
            401 => AwsFault.Credentials,
            403 => AwsFault.Denied,
            404 => AwsFault.Missing,
            409 or 412 => AwsFault.Conflict,
            _ => AwsFault.Invalid,
        },
    };

    /// <summary>Whether AWS turned a try down because there were too many.</summary>
    public static bool IsThrottle(string? code, int status) => status == 429
        || (code is { Length: > 0 } && (code.Contains("Throttl", StringComparison.Ordinal)
            || code is "RequestLimitExceeded" or "SlowDown" or "TooManyRequestsException" or "BandwidthLimitExceeded"
                or "ProvisionedThroughputExceededException"));

    private static Dictionary<string, AwsFault> Table()
    {
        Dictionary<string, AwsFault> table = new(StringComparer.Ordinal);
        Put(AwsFault.Transient,
            "RequestLimitExceeded", "SlowDown", "TooManyRequestsException", "RequestThrottled", "BandwidthLimitExceeded",
            "ProvisionedThroughputExceededException",
            "ServiceUnavailable", "Unavailable", "InternalFailure", "InternalError", "InternalServiceError", "InternalServerException",
            "ServiceFailure",
            "RequestTimeout", "RequestTimeoutException", "ConcurrentModification", "PriorRequestNotComplete",
            "DependentServiceUnavailableFault",
            "DependentServiceRequestThrottlingFault", "EC2ThrottledException");
        Put(AwsFault.Denied,
            "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "DependentServiceAccessDenied", "OptInRequired",
            "AllAccessDisabled", "Forbidden",
            "UnauthorizedAccess", "DisabledException");
        Put(AwsFault.Credentials,
            "InvalidClientTokenId", "SignatureDoesNotMatch", "AuthFailure", "UnrecognizedClientException", "InvalidSignatureException",
            "ExpiredToken",
            "ExpiredTokenException", "RequestExpired", "InvalidAccessKeyId", "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "IncompleteSignature", "InvalidToken", "InvalidSecurity", "TokenRefreshRequired", "RequestTimeTooSkewed", "NotSignedUp");
        Put(AwsFault.Unknown, "InvalidAction", "UnknownOperationException", "NotImplemented", "MethodNotAllowed", "UnknownAction");
        Put(AwsFault.Missing, "NoSuchEntity", "NoSuchBucket", "NoSuchKey", "ClusterNotFound", "ClusterSnapshotNotFound", "NotFound");
        Put(AwsFault.Conflict,
            "InvalidClusterState", "DependencyViolation", "DeleteConflict", "EntityAlreadyExists", "BucketAlreadyOwnedByYou",
            "BucketNotEmpty", "CannotDelete",
            "DryRunOperation", "UnmodifiableEntity", "ConflictException", "ResourceExistsException", "OperationAborted");
        Put(AwsFault.Quota, "LimitExceeded", "InsufficientClusterCapacity", "InsufficientCapacityException", "TooManyTagsException");
        return table;

        void Put(AwsFault fault, params ReadOnlySpan<string> codes)
        {
            foreach (var code in codes)
            {
                table.Add(code, fault);
            }
        }
    }
}
