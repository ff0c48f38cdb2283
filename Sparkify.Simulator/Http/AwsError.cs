using System.Text.Json;
using System.Xml.Linq;

namespace Sparkify.Simulator;

/// <summary>An error as a service answers it.</summary>
internal sealed record AwsError(string Code, string Message, int Status = 400);

/// <summary>Ends a call with an error.</summary>
internal sealed class AwsErrorException(string code, string message, int status = 400) : Exception(message)
{
    public AwsError Error { get; } = new(code, message, status);

    public static AwsErrorException Value(string message) => new("InvalidParameterValue", message);

    public static AwsErrorException Combination(string message) => new("InvalidParameterCombination", message);

    public static AwsErrorException Missing(string parameter) =>
        new("MissingParameter", $"The request must contain the parameter {parameter}.");
}

/// <summary>How an error reads in each protocol.</summary>
internal static class AwsErrorReply
{
    /// <summary>In the protocol that <see cref="AwsProtocol"/> names.</summary>
    public static AwsReply For(string protocol, AwsError error, string requestId) => protocol switch
    {
        "ec2" => Xml(error.Status, new XElement("Response",
            new XElement("Errors", new XElement("Error", new XElement("Code", error.Code), new XElement("Message", error.Message))),
            new XElement("RequestID", requestId))),
        "s3" => Xml(error.Status, new XElement("Error",
            new XElement("Code", error.Code), new XElement("Message", error.Message), new XElement("RequestId", requestId))),
        AwsProtocol.Json => new AwsReply(error.Status, "application/x-amz-json-1.1",
            JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["__type"] = error.Code,
                ["message"] = error.Message,
            })),
        _ => Xml(error.Status, AwsReply.WithNamespace(QueryNamespace(protocol), new XElement("ErrorResponse",
            new XElement("Error",
                new XElement("Type", error.Status < 500 ? "Sender" : "Receiver"),
                new XElement("Code", error.Code),
                new XElement("Message", error.Message)),
            new XElement("RequestId", requestId)))),
    };

    /// <summary>The error a load balancer in front of a service answers with: a web page, with no code and no request id.</summary>
    public static AwsReply Html() => new(500, "text/html; charset=utf-8",
        "<!doctype html><html><head><title>500 Internal Server Error</title></head><body><h1>Internal Server Error</h1></body></html>"u8.ToArray());

    public static XNamespace QueryNamespace(string service) => service switch
    {
        "sts" => "https://sts.amazonaws.com/doc/2011-06-15/",
        "iam" => "https://iam.amazonaws.com/doc/2010-05-08/",
        "redshift" => "http://redshift.amazonaws.com/doc/2012-12-01/",
        "ec2" => "http://ec2.amazonaws.com/doc/2016-11-15/",
        _ => XNamespace.None,
    };

    private static AwsReply Xml(int status, XElement root) => AwsReply.Xml(root, status);
}
