using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Transform;

namespace Sparkify.Core.Aws.Wire;

/// <summary>A JSON answer.</summary>
internal sealed class JsonReply : AmazonWebServiceResponse
{
    public JsonObject Result { get; init; } = [];

    internal sealed class Unmarshaller : JsonResponseUnmarshaller
    {
        public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input)
        {
            ArgumentNullException.ThrowIfNull(input);
            return new JsonReply { Result = JsonNode.Parse(input.Stream) as JsonObject ?? [] };
        }

        public override AmazonServiceException UnmarshallException(
            JsonUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
        {
            ArgumentNullException.ThrowIfNull(input);
            using var buffer = new MemoryStream();
            input.Stream.CopyTo(buffer);
            string? type = null, message = null;
            try
            {
                var body = JsonNode.Parse(buffer.ToArray()) as JsonObject;
                type = (string?)(body?["__type"] ?? body?["code"]);
                message = (string?)(body?["message"] ?? body?["Message"]);
            }
            catch (JsonException)
            {
                // A web page: the status has to do.
            }

            type ??= input.ResponseData.GetHeaderValue("x-amzn-ErrorType");
            // Comes as "namespace#Code" or "Code:http://…".
            var code = type is { Length: > 0 } ? type[(type.LastIndexOf('#') + 1)..].Split(':')[0] : null;
            return new WireServiceException(message, innerException, code, XmlReply.Unmarshaller.RequestId(input.ResponseData), statusCode);
        }
    }
}
