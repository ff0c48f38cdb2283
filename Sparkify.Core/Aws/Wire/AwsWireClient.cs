using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Transform;

namespace Sparkify.Core.Aws.Wire;

/// <summary>
/// One client for every service that speaks Query or JSON 1.1, standing on the SDK's own pipeline: credentials, region,
/// signing, retries with back-off and quota, clock skew, endpoints and cancellation are all the SDK's. Only what goes in and
/// comes out is ours.
/// </summary>
internal sealed class AwsWireClient : AmazonServiceClient
{
    private readonly AwsService _service;

    /// <param name="config">Which service, where.</param>
    /// <param name="credentials">None for the SDK's own chain.</param>
    public AwsWireClient(AwsWireConfig config, AWSCredentials? credentials) : base(credentials!, Prepared(config)) =>
        _service = config.Service;

    // The base constructor reads this, so it must not touch a field of this class.
    protected override IServiceMetadata ServiceMetadata => new Metadata(((AwsWireConfig)Config).Service.ServiceId);

    /// <summary>Calls an action of a service that answers in XML and returns what is inside its wrapper.</summary>
    public async Task<XElement> QueryAsync(string action, QueryParameters parameters, CancellationToken ct)
    {
        var body = new StringBuilder("Action=").Append(action).Append("&Version=").Append(_service.ApiVersion);
        foreach (var (name, value) in parameters.Items)
        {
            body.Append('&').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
        }

        var call = new Call(Encoding.UTF8.GetBytes(body.ToString()), "application/x-www-form-urlencoded; charset=utf-8", target: null);
        var options = new InvokeOptions
        {
            RequestMarshaller = new CallMarshaller(_service),
            ResponseUnmarshaller = new XmlReply.Unmarshaller(action),
        };
        return (await InvokeAsync<XmlReply>(call, options, ct)).Result;
    }

    /// <summary>Calls an operation of a service that speaks JSON.</summary>
    public async Task<JsonObject> JsonAsync(string operation, JsonObject input, CancellationToken ct)
    {
        var call = new Call(
            Encoding.UTF8.GetBytes(input.ToJsonString()), "application/x-amz-json-1.1", $"{_service.SigningName}.{operation}");
        var options =
            new InvokeOptions { RequestMarshaller = new CallMarshaller(_service), ResponseUnmarshaller = new JsonReply.Unmarshaller() };
        return (await InvokeAsync<JsonReply>(call, options, ct)).Result;
    }

    /// <summary>Runs inside the base constructor. Without this handler nothing says how a request is signed.</summary>
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        pipeline.AddHandlerAfter<Marshaller>(new SignatureV4Handler());
        var policy = new StandardRetryPolicy(Config)
        {
            MaxBackoffInMilliseconds = (int)(
            (AwsWireConfig)Config).LongestBackOff.TotalMilliseconds
        };
        pipeline.ReplaceHandler<RetryHandler>(new RetryHandler(policy));
    }

    private static AwsWireConfig Prepared(AwsWireConfig config)
    {
        // RegionEndpoint first: reading it may assign the region the SDK found, and assigning clears ServiceURL, so an
        // endpoint that the environment names would be found once and then lost.
        var region = config.RegionEndpoint?.SystemName;
        if (string.IsNullOrEmpty(config.AuthenticationRegion) && string.IsNullOrEmpty(config.ServiceURL)
            && config.PartitionSigningRegion(region) is { } signing)
        {
            config.AuthenticationRegion = signing;
        }

        return config;
    }

    private sealed class Metadata(string serviceId) : IServiceMetadata
    {
        public string ServiceId { get; } = serviceId;

        public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
    }

    private sealed class SignatureV4Handler : BaseAuthResolverHandler
    {
        protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) => AuthSchemeOption.DEFAULT_SIGV4;
    }

    private sealed class Call(byte[] body, string contentType, string? target) : AmazonWebServiceRequest
    {
        public byte[] Body { get; } = body;

        public string ContentType { get; } = contentType;

        public string? Target { get; } = target;
    }

    private sealed class CallMarshaller(AwsService service) : IMarshaller<IRequest, AmazonWebServiceRequest>
    {
        public IRequest Marshall(AmazonWebServiceRequest input)
        {
            var call = (Call)input;
            var request = new DefaultRequest(call, service.ServiceId) { HttpMethod = "POST", ResourcePath = "/", Content = call.Body };
            request.Headers["Content-Type"] = call.ContentType;
            if (call.Target is { } target)
            {
                request.Headers["X-Amz-Target"] = target;
            }

            return request;
        }
    }
}
