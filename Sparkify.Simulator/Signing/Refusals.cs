namespace Sparkify.Simulator.Signing;

/// <summary>
/// How each service words a refusal of credentials: the same trouble has a different code in each, and those that speak JSON share theirs
/// (EC2 errors-overview; S3 ErrorResponses; CommonErrors of the Query services).
/// </summary>
internal static class Refusals
{
    public static AwsErrorException Unsigned(string protocol) => protocol switch
    {
        "s3" => new("AccessDenied", "Access Denied", 403),
        AwsProtocol.Json => new("MissingAuthenticationTokenException", "Missing Authentication Token", 400),
        _ => new("MissingAuthenticationToken", "Request is missing Authentication Token", 403),
    };

    public static AwsErrorException UnknownKey(string protocol) => protocol switch
    {
        "s3" => new("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403),
        "ec2" => new("AuthFailure", "AWS was not able to validate the provided access credentials", 401),
        AwsProtocol.Json => new("UnrecognizedClientException", "The security token included in the request is invalid.", 400),
        _ => new("InvalidClientTokenId", "The security token included in the request is invalid.", 403),
    };

    public static AwsErrorException WrongSignature(string protocol)
    {
        const string Message = "The request signature we calculated does not match the signature you provided. "
            + "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
        return protocol switch
        {
            "ec2" => new("AuthFailure", "AWS was not able to validate the provided access credentials", 401),
            AwsProtocol.Json => new("InvalidSignatureException", Message, 400),
            _ => new("SignatureDoesNotMatch", Message, 403),
        };
    }

    public static AwsErrorException Expired(string protocol) => protocol switch
    {
        "s3" => new("ExpiredToken", "The provided token has expired.", 400),
        "ec2" => new("RequestExpired", "Request has expired.", 400),
        AwsProtocol.Json => new("ExpiredTokenException", "The security token included in the request is expired", 400),
        _ => new("ExpiredToken", "The security token included in the request is expired", 403),
    };

    public static AwsErrorException Skewed(string protocol, string moment) => protocol switch
    {
        "s3" => new("RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", 403),
        "ec2" => new("RequestExpired", "Request has expired.", 400),
        AwsProtocol.Json => new("InvalidSignatureException", $"Signature expired: {moment}", 400),
        _ => new("SignatureDoesNotMatch", $"Signature expired: {moment}", 403),
    };

    public static AwsErrorException Denied(string protocol, string service, string action, string arn)
    {
        var message = $"User: {arn} is not authorized to perform: {service}:{action} because no identity-based policy allows the {service}:{action} action";
        return protocol switch
        {
            "s3" => new("AccessDenied", "Access Denied", 403),
            "ec2" => new("UnauthorizedOperation", $"You are not authorized to perform this operation. {message}", 403),
            AwsProtocol.Json => new("AccessDeniedException", message, 400),
            _ => new("AccessDenied", message, 403),
        };
    }

    public static AwsErrorException Throttled(string protocol) => protocol switch
    {
        "s3" => new("SlowDown", "Please reduce your request rate.", 503),
        "ec2" => new("RequestLimitExceeded", "Request limit exceeded.", 503),
        AwsProtocol.Json => new("ThrottlingException", "Rate exceeded", 400),
        _ => new("Throttling", "Rate exceeded", 400),
    };

    public static AwsErrorException Broken(string protocol) => protocol switch
    {
        "s3" => new("InternalError", "We encountered an internal error. Please try again.", 500),
        "ec2" => new("InternalError", "An internal error has occurred.", 500),
        "iam" => new("ServiceFailure", "The request processing has failed because of an unknown error.", 500),
        AwsProtocol.Json => new("InternalServiceError", "An error occurred on the server side.", 500),
        _ => new("InternalFailure", "The request processing has failed because of some unknown error.", 500),
    };
}
