using System.Net;
using System.Xml;
using System.Xml.Linq;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Transform;

namespace Sparkify.Core.Aws.Wire;

/// <summary>What is inside an XML answer, without namespaces.</summary>
internal sealed class XmlReply : AmazonWebServiceResponse
{
    public XElement Result { get; init; } = new("None");

    internal sealed class Unmarshaller(string action) : XmlResponseUnmarshaller
    {
        private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

        public override AmazonWebServiceResponse Unmarshall(XmlUnmarshallerContext input)
        {
            ArgumentNullException.ThrowIfNull(input);
            try
            {
                using var reader = XmlReader.Create(input.Stream, Settings);
                var root = WithoutNamespaces(XElement.Load(reader));
                // The answer is wrapped in <ActionResult>, which is left out when there is nothing to say.
                return new XmlReply { Result = root.Element(action + "Result") ?? new XElement(action + "Result") };
            }
            catch (XmlException e)
            {
                // An answer cut short: the retry policy takes this type with status 200 as a reason to try again.
                throw new AmazonUnmarshallingException(RequestId(input.ResponseData) ?? "", action, e, input.ResponseData.StatusCode);
            }
        }

        public override AmazonServiceException UnmarshallException(
            XmlUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
        {
            ArgumentNullException.ThrowIfNull(input);
            // It survives web pages.
            var error = XmlErrorResponseUnmarshaller.GetInstance().Unmarshall(input);
            return new WireServiceException(
                error.Message, innerException, error.Code, error.RequestId ?? RequestId(input.ResponseData), statusCode);
        }

        internal static string? RequestId(IWebResponseData data) =>
            data.GetHeaderValue("x-amzn-RequestId") is { Length: > 0 } id ? id : null;

        private static XElement WithoutNamespaces(XElement element) => new(
            element.Name.LocalName, element.Nodes().Select(static n => n is XElement child ? WithoutNamespaces(child) : (object)n));
    }
}

/// <summary>An error a service answered with.</summary>
internal sealed class WireServiceException(string? message, Exception? inner, string? code, string? requestId, HttpStatusCode status)
    : AmazonServiceException(message ?? "", inner!, ErrorType.Unknown, code!, requestId!, status)
{
    /// <summary>A throttling code that the SDK's own list lacks; being told so makes it try again.</summary>
    public override RetryableDetails? Retryable =>
        ErrorCode is "DependentServiceRequestThrottlingFault" ? new RetryableDetails(throttling: true) : null;
}
