using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Amazon.Runtime;
using Sparkify.Core.Aws.Clients;
using Sparkify.Core.Aws.Wire;
using Sparkify.Core.Common;

namespace Sparkify.Core.Aws.Errors;

/// <summary>Turns whatever comes out of the SDK into the one error type of this feature.</summary>
internal static partial class AwsErrors
{
    private const int LongestQuote = 400;

    /// <summary>The error for a person; none for what is no trouble with AWS (a cancelled call, a fault of ours).</summary>
    /// <param name="error">What came out.</param>
    /// <param name="service">The service that was called.</param>
    /// <param name="operation">Its operation.</param>
    /// <param name="ct">What the caller cancels by.</param>
    /// <param name="connection">The connection it was called as; none for this machine's own credentials.</param>
    public static AwsException? Translate(
        Exception error, AwsService service, string operation, CancellationToken ct, string? connection = null) => error switch
        {
            AwsException => null,
            OperationCanceledException when ct.IsCancellationRequested => null,
            // Derived from the next one; the service answered, but not in its own language.
            AmazonUnmarshallingException e => Unreadable(e, service, operation),
            AmazonServiceException
            {
                StatusCode: default(
                HttpStatusCode), InnerException: { } inner
            } when inner is HttpRequestException or IOException or SocketException
                => Unreachable(inner, service, operation),
            AmazonServiceException e => Refused(e, service, operation, connection),
            AmazonClientException e => NotSent(e, service, operation, connection),
            HttpRequestException or IOException or SocketException or TimeoutException or OperationCanceledException =>
                Unreachable(error, service, operation),
            _ => null,
        };

    /// <summary>The error for an operation whose time was over before the service had answered.</summary>
    /// <param name="service">The service that was called.</param>
    /// <param name="place">Where, as the end of a phrase.</param>
    /// <param name="operation">Its operation.</param>
    /// <param name="budget">The time there was.</param>
    /// <param name="tries">What is known of the tries; none when it is the answer's content that did not come.</param>
    public static AwsException OutOfTime(AwsService service, string place, string operation, CallBudget budget, ThrottledCount? tries)
    {
        var last = tries?.Failed is { } failed ? $", whose last answer was {failed}" : "";
        return new AwsException(
            AwsFault.Unreachable,
            $"{service.Title} {place} did not answer within {budget.Words}; the last call was {operation}{last}. "
            + "Check the network, a proxy and the endpoint (Aws:ServiceUrl, if one is set), then try again.")
        { Service = service.ServiceId, Operation = operation, OutOfTime = true };
    }

    private static AwsException Refused(AmazonServiceException e, AwsService service, string operation, string? connection)
    {
        var code = string.IsNullOrWhiteSpace(e.ErrorCode) ? null : e.ErrorCode;
        var status = (int)e.StatusCode;
        var fault = AwsCodes.FaultOf(code, status);
        // Not kept as the inner exception: what a service says about a wrong signature repeats the request, token and all.
        return new AwsException(fault, Sentence(fault, service, operation, connection, code, status, e.Message, e.RequestId))
        {
            Service = service.ServiceId,
            Operation = operation,
            Code = code,
            RequestId = string.IsNullOrWhiteSpace(e.RequestId) ? null : e.RequestId,
        };
    }

    private static AwsException Unreadable(AmazonUnmarshallingException e, AwsService service, string operation)
    {
        // 200 and cut short: trouble on the way. An error in a foreign shape: judged by its status.
        var fault = (int)e.StatusCode is 0 or (>= 200 and < 300) ? AwsFault.Transient : AwsCodes.FaultOf(null, (int)e.StatusCode);
        return new AwsException(fault, $"{service.Title} answered {operation} with something that is not an answer of its API (HTTP {(int)e.StatusCode}). "
            + "Try again; if it stays so, something between this machine and AWS, or the address in Aws:ServiceUrl, answers in its place.")
        {
            Service = service.ServiceId,
            Operation = operation,
            RequestId = string.IsNullOrWhiteSpace(e.RequestId) ? null : e.RequestId,
        };
    }

    private static AwsException NotSent(AmazonClientException e, AwsService service, string operation, string? connection)
    {
        var message = e.Message;
        var (fault, sentence) =
            message.Contains("RegionEndpoint", StringComparison.Ordinal) ? (AwsFault.Invalid,
                "No AWS region is configured. Set Aws:Region, or a region in the profile.")
            : message.Contains("credential", StringComparison.OrdinalIgnoreCase)
                || message.Contains("identity", StringComparison.OrdinalIgnoreCase)
                || message.Contains("SSO", StringComparison.Ordinal) || message.Contains("IMDS", StringComparison.Ordinal)
                || message.Contains("metadata", StringComparison.OrdinalIgnoreCase) ? (AwsFault.Credentials,
                connection is not null
                ? $"The login behind the AWS connection '{connection}' gives no usable credentials, or has ended. Log in again with 'aws sso login' where it is a profile of that kind, or have the connection replaced, and retry."
                : "There are no usable AWS credentials: none were found in the environment, the profile or the instance's role, or a login has ended. "
                + "Set Aws:Profile or the AWS_ environment variables, or log in again with 'aws sso login', and retry.")
            : e.InnerException is HttpRequestException or IOException or SocketException
                or TimeoutException ? (AwsFault.Unreachable, NoAnswer(service, operation))
            : (AwsFault.Invalid, $"The call {operation} to {service.Title} could not be sent: {Quote(message)}");
        return new AwsException(fault, sentence) { Service = service.ServiceId, Operation = operation };
    }

    private static AwsException Unreachable(Exception e, AwsService service, string operation)
        => new(AwsFault.Unreachable, NoAnswer(service, operation), e) { Service = service.ServiceId, Operation = operation };

    private static string NoAnswer(AwsService service, string operation)
        => $"{service.Title} could not be reached, or did not answer {operation} in time. Check the network, a proxy and Aws:ServiceUrl, then try again.";

    private static string Sentence(
        AwsFault fault, AwsService service, string operation, string? connection, string? code, int status, string? said, string? requestId)
    {
        var quote = fault == AwsFault.Credentials ? "" : Quote(said);
        var mark = $" [{code ?? $"HTTP {status}"}{(string.IsNullOrWhiteSpace(requestId) ? "" : $", request {requestId}")}]";
        var what = fault switch
        {
            AwsFault.Transient =>
                $"{service.Title} was busy or broken and did not recover after several tries of {operation}. Try again in a minute.",
            AwsFault.Denied when operation is "AssumeRole" =>
                $"The connection '{connection}' may not assume its role. Whoever assumes it needs sts:AssumeRole for it, and the role's trust policy has to name them (with the same external id, if it asks for one).",
            AwsFault.Denied when connection is not null =>
                $"The AWS connection '{connection}' may not do {service.SigningName}:{operation}. Have that permission given to it, or use another connection.",
            AwsFault.Denied =>
                $"These AWS credentials may not do {service.SigningName}:{operation}. Ask for that permission, or use another profile.",
            AwsFault.Credentials => CredentialsSentence(service, connection, code),
            AwsFault.Quota when code is "InsufficientClusterCapacity" =>
                "AWS has no capacity for this node type here just now. Try again later, or choose another node type or region.",
            AwsFault.Unknown =>
                $"What answers for {service.Title} does not know {operation}.",
            AwsFault.Quota => $"A quota of the AWS account stands in the way of {operation}. Free something, or ask AWS for more.",
            AwsFault.Missing => $"{service.Title} does not know what {operation} asked for.",
            AwsFault.Conflict => $"{service.Title} cannot do {operation} in the present state.",
            _ => $"{service.Title} does not accept {operation} as it was asked.",
        };
        return quote.Length > 0 ? $"{what} AWS says: {quote}{mark}" : what + mark;
    }

    private static string CredentialsSentence(AwsService service, string? connection, string? code) => code switch
    {
        not ("ExpiredToken" or "ExpiredTokenException" or "TokenRefreshRequired" or "RequestExpired" or "RequestTimeTooSkewed")
            when connection is not null =>
            $"{service.Title} does not accept the login of the AWS connection '{connection}': its key was deleted or deactivated, or its secret is wrong. An administrator can replace it under Settings, AWS.",
        "ExpiredToken" or "ExpiredTokenException" or "TokenRefreshRequired" =>
            "The AWS login has ended. Log in again (for example 'aws sso login') and retry.",
        "RequestExpired" or "RequestTimeTooSkewed" =>
            "The AWS login has ended, or this machine's clock is wrong by minutes. Log in again, or set the clock, and retry.",
        _ =>
            $"{service.Title} does not accept the AWS credentials in use. Check the access key and its secret, or choose another profile with Aws:Profile.",
    };

    /// <summary>What AWS said, on one line, without what nobody can read or should see.</summary>
    private static string Quote(string? text)
    {
        // Web pages say nothing that the status does not.
        if (string.IsNullOrWhiteSpace(text) || text.Contains(
            "<html", StringComparison.OrdinalIgnoreCase) || text.Contains("HTTP Body", StringComparison.Ordinal))
        {
            return "";
        }

        var line = Blanks().Replace(text, " ").Trim();
        line = Encoded().Replace(line, "");
        line = Token().Replace(line, "${name} …");
        line = line.Length > LongestQuote ? line[..LongestQuote] + "…" : line;
        return line.EndsWith('.') || line.EndsWith('…') ? line : line + ".";
    }

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Blanks();

    [GeneratedRegex(@"Encoded authorization failure message: \S+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Encoded();

    [GeneratedRegex(
        @"(?<name>x-amz-security-token|password|secret\w*|signature)\s*[:=]\s*\S+",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Token();
}
