using System.Text.Json;
using Sparkify.Core.Common;

namespace Sparkify.Web.Api;

/// <summary>What is wrong with JSON, for whoever wrote it.</summary>
internal static class JsonSentence
{
    private const string Before = "The JSON property '";
    private const string Between = "' could not be mapped to any .NET member contained in type '";

    public static string Of(JsonException ex, JsonSerializerOptions options)
    {
        var where = ex.Path is { Length: > 1 } path ? $" at '{Cut(path.TrimStart('$', '.'))}'" : "";
        var message = ex.Message;
        if (message.IndexOf(Between, StringComparison.Ordinal) is var at and > 0)
        {
            var type = message[(at + Between.Length)..].Split('\'')[0];
            return $"The body has a field that this call does not know{where}: {Cut(message[Before.Length..at])}.{Fields(type, options)}";
        }

        return $"The body is not the JSON this call takes: look{(where.Length > 0 ? where : " at its syntax")}, line {ex.LineNumber + 1}. /openapi/v1.json describes it.";
    }

    /// <summary>A field that a body does not have, for a body that is read with what it does not know.</summary>
    public static SparkifyException Unknown<T>(string field) => SparkifyException.Invalid(
        $"The body has a field that this call does not know: {Cut(field)}. There are: {string.Join(
            ", ", typeof(T).GetConstructors()[0].GetParameters().Select(static p => JsonNamingPolicy.CamelCase.ConvertName(p.Name!)))}.");

    private static string Fields(string name, JsonSerializerOptions options) =>
        (typeof(JsonSentence).Assembly.GetType(name) ?? typeof(SparkifyException).Assembly.GetType(name)) is not { } type ? ""
            : options.GetTypeInfo(type).Properties.Where(static p => p.Set is not null || p.AssociatedParameter is not null)
                .Select(static p => p.Name).ToList() is { Count: > 0 } known
            ? $" There are: {string.Join(", ", known)}." : "";

    private static string Cut(string text) => text.Length <= 60 ? text : $"{text[..60]}…";
}
