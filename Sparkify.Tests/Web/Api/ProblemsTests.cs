using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Aws;
using Sparkify.Tests.Fakes;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

public sealed class ProblemsTests
{
    [Fact]
    public async Task AnException_NobodyExpected_IsOneSentenceForTheCallerAndAllOfItInTheLog()
    {
        using var logs = new LogKeeper();
        await using var app = await TestApp.StartAsync(before: builder =>
        {
            builder.Logging.AddProvider(logs);
            builder.Services.AddSingleton<ITables, BrokenTables>();
        });

        var answer = await app.Http.GetAsync("/api/v1/warehouses/any/tables");

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Contains("the application's log has the details", body, StringComparison.Ordinal);
        Assert.DoesNotContain("a wheel came off", body, StringComparison.Ordinal);
        Assert.Contains("GET /api/v1/warehouses/any/tables failed", logs.All, StringComparison.Ordinal);
        Assert.Contains("a wheel came off", logs.All, StringComparison.Ordinal);
    }
}
