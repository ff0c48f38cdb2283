using System.Xml.Linq;
using Sparkify.Simulator;

namespace Sparkify.Tests.Simulator;

/// <summary>Says anything to a Query service of the simulator, in its own words: actions that no client of ours has.</summary>
internal sealed class QueryDoor(
    SimulatorServer simulator, string service = "redshift", (string Id, string Secret, string? Token)? key = null) : IDisposable
{
    private readonly HttpClient _http = new();

    /// <summary>What an action answered, without namespaces.</summary>
    public async Task<XElement> CallAsync(string action, params (string Name, object Value)[] parameters)
    {
        var form = string.Join('&', parameters.Prepend(("Action", action)).Select(
            static p => $"{Uri.EscapeDataString(p.Item1)}={Uri.EscapeDataString(FormattableString.Invariant($"{p.Item2}"))}"));
        using var request = TestSigner.SignForm(
            simulator, key ?? (simulator.Options.AccessKey, simulator.Options.SecretKey, null), service, form);
        using var answer = await _http.SendAsync(request);
        var root = Bare(XElement.Parse(await answer.Content.ReadAsStringAsync()));
        return answer.IsSuccessStatusCode ? root
            : throw new QueryRefusedException((int)answer.StatusCode, root.Descendants("Code").Single().Value,
                root.Descendants("Message").Single().Value);
    }

    /// <summary>The code and the sentence an action is refused with.</summary>
    public async Task<(int Status, string Code, string Message)> RefusedAsync(
        string action, params (string Name, object Value)[] parameters)
    {
        var error = await Assert.ThrowsAsync<QueryRefusedException>(() => CallAsync(action, parameters));
        return (error.Status, error.Code, error.Message);
    }

    public void Dispose() => _http.Dispose();

    private static XElement Bare(XElement element) => new(
        element.Name.LocalName, element.Nodes().Select(static n => n is XElement child ? Bare(child) : (object)n));
}

/// <summary>A refusal of a Query service.</summary>
internal sealed class QueryRefusedException(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;
}
