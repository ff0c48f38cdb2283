namespace Sparkify.Simulator;

/// <summary>Which way of answering a request asks for: that of a service, or JSON, which many services share.</summary>
internal static class AwsProtocol
{
    public const string Json = "json";

    public static string Of(AwsRequest request, string service) => request.Header("x-amz-target") is not null
        || request.Header("content-type")?.StartsWith("application/x-amz-json", StringComparison.Ordinal) == true ? Json : service;
}
