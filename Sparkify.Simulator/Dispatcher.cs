using System.Collections.Concurrent;
using System.Text;
using System.Xml.Linq;
using Sparkify.Simulator.Services;
using Sparkify.Simulator.Signing;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator;

/// <summary>A call as the simulator saw it.</summary>
/// <param name="Service">Such as <c>redshift</c>.</param>
/// <param name="Action">Such as <c>CreateCluster</c>.</param>
/// <param name="Status">The HTTP status answered; 0 when the connection was cut.</param>
/// <param name="Code">The error's code, when it was one.</param>
/// <param name="Caller">The ARN of whoever called; none when the signature was refused.</param>
public sealed record SimulatedCall(string Service, string Action, int Status, string? Code, string? Caller);

/// <summary>Takes a request through signature, misfortune and service to its answer.</summary>
internal sealed class Dispatcher(World world, SignatureCheck signatures, SimulatorFaults faults, S3Traffic traffic)
{
    private const int CallsKept = 10_000;

    private static readonly Dictionary<string, Dictionary<string, QueryHandler>> Query = new(StringComparer.Ordinal)
    {
        ["sts"] = new(StsService.Handlers, StringComparer.Ordinal),
        ["iam"] = new(IamService.Handlers.Concat(ManagedPolicies.Handlers), StringComparer.Ordinal),
        ["ec2"] = new(Ec2Network.Handlers.Concat(Ec2Groups.Handlers), StringComparer.Ordinal),
        ["redshift"] = new(
            RedshiftClusters.Handlers.Concat(RedshiftChanges.Handlers).Concat(RedshiftLogins.Handlers).Concat(RedshiftSnapshots.Handlers)
                .Concat(RedshiftParameters.Handlers).Concat(RedshiftEvents.Handlers).Concat(RedshiftResources.Handlers),
            StringComparer.Ordinal),
    };

    private static readonly List<string> Reads = ["Describe", "Get", "List", "Head"];

    private readonly ConcurrentQueue<SimulatedCall> _calls = new();

    public IReadOnlyList<SimulatedCall> Calls => [.. _calls];

    public S3Traffic Traffic => traffic;

    public void ForgetCalls()
    {
        _calls.Clear();
        traffic.Clear();
    }

    /// <summary>The answer; none when the connection is to be cut.</summary>
    public AwsReply? Answer(AwsRequest request)
    {
        var requestId = Guid.NewGuid().ToString();
        var service = SignatureCheck.GuessService(request);
        var protocol = AwsProtocol.Of(request, service);
        var action = "Unsigned";
        string? who = null;
        try
        {
            var (caller, payload) = signatures.Verify(request);
            (service, who) = (caller.Service, caller.Arn ?? $"arn:aws:iam::{world.Account}:user/engineer");
            protocol = AwsProtocol.Of(request, service);
            action = ActionOf(service, request);
            if (faults.IsDenied(action))
            {
                throw Refusals.Denied(protocol, service, action, who);
            }

            var misfortune = faults.Next(action, out var refusal);
            if (refusal is not null)
            {
                throw new AwsErrorException(refusal.Code, refusal.Message, refusal.Status);
            }

            switch (misfortune)
            {
                case Misfortune.Throttled:
                    throw Refusals.Throttled(protocol);
                case Misfortune.ServerError:
                    throw Refusals.Broken(protocol);
                case Misfortune.HtmlError:
                    Note(service, action, 500, "html", who);
                    return AwsErrorReply.Html();
                case Misfortune.DroppedBefore:
                    Note(service, action, 0, null, who);
                    return null;
            }

            var reply = Work(service, action, request, payload, caller, requestId);
            world.Sql?.Follow();
            if (!Reads.Exists(verb => action.StartsWith(verb, StringComparison.Ordinal)))
            {
                world.File?.Save();
            }

            Note(service, action, misfortune == Misfortune.DroppedAfter ? 0 : reply.Status, null, who);
            return misfortune == Misfortune.DroppedAfter ? null : Stamp(reply, service, requestId);
        }
        catch (AwsErrorException e)
        {
            Note(service, action, e.Error.Status, e.Error.Code, who);
            return Stamp(AwsErrorReply.For(protocol, e.Error, requestId), service, requestId);
        }
    }

    private AwsReply Work(string service, string action, AwsRequest request, byte[] payload, Caller caller, string requestId)
    {
        lock (world.Gate)
        {
            if (service == "s3")
            {
                var answer = S3Service.Answer(action, request, payload, caller, world, faults);
                traffic.Add(action, action == "GetObject" ? answer.Length : action is "PutObject" or "UploadPart" ? payload.Length : 0);
                return answer;
            }

            if (service == "secretsmanager")
            {
                return new AwsReply(200, "application/x-amz-json-1.1",
                    Encoding.UTF8.GetBytes(SecretsService.Answer(action, SecretsService.Parse(payload), caller, world).ToJsonString()));
            }

            if (AwsProtocol.Of(request, service) == AwsProtocol.Json)
            {
                throw new AwsErrorException("UnknownOperationException", $"The simulator does not know {action} of {service}.");
            }

            if (!Query.TryGetValue(service, out var handlers) || !handlers.TryGetValue(action, out var handler))
            {
                throw new AwsErrorException("InvalidAction", $"The simulator does not know the action {action} of {service}.");
            }

            var call = new QueryCall(QueryForm.Read(request), caller, world, faults);
            if (service == "ec2" && call.Form.Flag("DryRun") == true)
            {
                throw new AwsErrorException("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
            }

            return QueryReply(service, action, handler(call), requestId);
        }
    }

    private static AwsReply QueryReply(string service, string action, IEnumerable<XElement>? result, string requestId)
    {
        var root = service == "ec2"
            ? new XElement(action + "Response", new XElement("requestId", requestId), result)
            : new XElement(action + "Response",
                result is null ? null : new XElement(action + "Result", result),
                new XElement("ResponseMetadata", new XElement("RequestId", requestId)));
        return AwsReply.Xml(AwsReply.WithNamespace(AwsErrorReply.QueryNamespace(service), root));
    }

    private static string ActionOf(string service, AwsRequest request) => service switch
    {
        "s3" => S3Service.Operation(request),
        _ when AwsProtocol.Of(request, service) == AwsProtocol.Json =>
            request.Header("x-amz-target")?.Split('.')[^1] ?? throw new AwsErrorException(
                "UnknownOperationException", "There is no X-Amz-Target."),
        _ => QueryForm.Read(request)["Action"] ?? throw new AwsErrorException("MissingAction", "The request is missing an action."),
    };

    private static AwsReply Stamp(AwsReply reply, string service, string requestId)
    {
        reply.Headers[service == "s3" ? "x-amz-request-id" : "x-amzn-RequestId"] = requestId;
        return reply;
    }

    private void Note(string service, string action, int status, string? code, string? who)
    {
        _calls.Enqueue(new SimulatedCall(service, action, status, code, who));
        while (_calls.Count > CallsKept)
        {
            _calls.TryDequeue(out _);
        }
    }
}
