using System.Net;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Tests.Support;
using Sparkify.Web;

namespace Sparkify.Tests.Web.Api;

/// <summary>Every address of the running application, and what each role gets there. One that is not listed here fails.</summary>
public sealed class RolesTests
{
    private const string Described = """{"name": "none", "source": {"sample": {"events": 60, "songs": 10, "days": 1}}}""";

    // For each address of the API what it needs, and how it is called; {id} is a run of the warehouse w.
    private static readonly (string Call, Right Needs, string? Body)[] Api =
    [
        ("GET /api/v1/me", Right.Own, null),
        ("GET /api/v1/tokens/", Right.Own, null),
        ("POST /api/v1/tokens/", Right.Own, """{"name": "t", "role": "viewer"}"""),
        ("DELETE /api/v1/tokens/{query}", Right.Own, null),
        ("GET /api/v1/audit/", Right.Audit, null),
        ("GET /api/v1/audit/download?format=csv", Right.Audit, null),
        ("GET /api/v1/warehouses/", Right.See, null),
        ("POST /api/v1/warehouses/", Right.Engineer, """{"name": "w", "source": {"sample": {"events": 60, "songs": 10, "days": 1}}}"""),
        ("GET /api/v1/warehouses/{name}", Right.See, null),
        ("PATCH /api/v1/warehouses/{name}", Right.Engineer, """{"maxRejects": 10}"""),
        ("DELETE /api/v1/warehouses/{name}", Right.Engineer, null),
        ("GET /api/v1/warehouses/{name}/plan", Right.Engineer, null),
        ("POST /api/v1/warehouses/{name}/passwords", Right.Engineer, null),
        ("GET /api/v1/warehouses/{name}/connect/", Right.Ask, null),
        ("POST /api/v1/warehouses/{name}/connect/login", Right.Ask, null),
        ("DELETE /api/v1/warehouses/{name}/connect/login", Right.Ask, null),
        ("GET /api/v1/logins/", Right.Administer, null),
        ("DELETE /api/v1/logins/{query}", Right.Administer, null),
        ("GET /api/v1/loopback-port/", Right.Ask, null),
        ("PUT /api/v1/loopback-port/", Right.Administer, "{}"),
        ("DELETE /api/v1/loopback-port/", Right.Administer, null),
        ("GET /api/v1/warehouses/{name}/resources", Right.See, null),
        ("GET /api/v1/warehouses/{name}/tables", Right.See, null),
        ("GET /api/v1/warehouses/{name}/plays", Right.See, null),
        ("GET /api/v1/warehouses/{name}/rejects", Right.See, null),
        ("GET /api/v1/warehouses/{name}/rejects/reasons", Right.See, null),
        ("GET /api/v1/warehouses/{name}/rejects/download", Right.See, null),
        ("GET /api/v1/warehouses/{name}/checks", Right.See, null),
        ("GET /api/v1/warehouses/{name}/stars", Right.See, null),
        ("POST /api/v1/plans", Right.Engineer, Described),
        ("POST /api/v1/sources/test", Right.Engineer, """{"source": {"sample": {"events": 60, "songs": 10, "days": 1}}}"""),
        ("GET /api/v1/warehouses/{name}/tables/{table}/profile", Right.See, null),
        ("GET /api/v1/warehouses/{name}/tables/{table}/rows", Right.See, null),
        ("GET /api/v1/warehouses/{name}/source/files", Right.Operate, null),
        ("GET /api/v1/warehouses/{name}/source/records?file=x", Right.Operate, null),
        ("GET /api/v1/warehouses/{name}/source/file?file=x", Right.Operate, null),
        ("GET /api/v1/warehouses/{name}/source/first", Right.Operate, null),
        ("GET /api/v1/warehouses/{name}/source/profile", Right.Operate, null),
        ("GET /api/v1/redshift/offers?simulated=true", Right.Engineer, null),
        ("POST /api/v1/redshift/logins/test", Right.Engineer, """{"name": "fresh", "target": "redshift", "source": {"events": "s3://nowhere/log/", "songs": "s3://nowhere/song/"}, "simulated": true}"""),
        ("GET /api/v1/redshift/price", Right.Own, null),
        ("POST /api/v1/imports/dwh-cfg", Right.Own, "[DWH]\nDWH_NODE_TYPE=ra3.xlplus\n"),
        ("POST /api/v1/imports/dwh-cfg?connection=x", Right.Administer, "[AWS]\nKEY=AKIA\nSECRET=x\n"),
        ("GET /api/v1/aws/connections/", Right.Engineer, null),
        ("POST /api/v1/aws/connections/", Right.Administer, """{"name": "x"}"""),
        ("GET /api/v1/aws/connections/{name}", Right.Administer, null),
        ("PUT /api/v1/aws/connections/{name}", Right.Administer, """{"profile": ""}"""),
        ("POST /api/v1/aws/connections/{name}/test", Right.Administer, null),
        ("DELETE /api/v1/aws/connections/{name}", Right.Administer, null),
        ("GET /api/v1/aws/identity?connection=none", Right.Engineer, null),
        ("GET /api/v1/aws/profiles", Right.Administer, null),
        ("GET /api/v1/hooks/", Right.Operate, null),
        ("POST /api/v1/hooks/", Right.Administer, """{"name": "x", "url": "no address"}"""),
        ("GET /api/v1/hooks/{name}", Right.Operate, null),
        ("PUT /api/v1/hooks/{name}", Right.Administer, """{"url": "no address"}"""),
        ("DELETE /api/v1/hooks/{name}", Right.Administer, null),
        ("POST /api/v1/hooks/{name}/secret", Right.Administer, null),
        ("POST /api/v1/hooks/{name}/test", Right.Administer, null),
        ("GET /api/v1/hooks/{name}/deliveries", Right.Operate, null),
        ("POST /api/v1/hooks/{name}/deliveries/{delivery}/again", Right.Administer, null),
        ("GET /api/v1/secrets/", Right.Administer, null),
        ("POST /api/v1/secrets/connections", Right.Administer, null),
        ("POST /api/v1/secrets/warehouses", Right.Administer, null),
        ("POST /api/v1/secrets/database", Right.Administer, null),
        ("POST /api/v1/warehouses/{name}/master-password", Right.Engineer, null),
        ("GET /api/v1/warehouses/{name}/drift", Right.See, null),
        ("POST /api/v1/warehouses/{name}/drift", Right.Engineer, """{"kind": "cluster", "name": "c", "choice": "forget"}"""),
        ("GET /api/v1/warehouses/{name}/teardown", Right.Engineer, null),
        ("GET /api/v1/warehouses/{name}/cost", Right.See, null),
        ("GET /api/v1/warehouses/{name}/snapshots", Right.See, null),
        ("DELETE /api/v1/warehouses/{name}/snapshots/{snapshot}", Right.Engineer, null),
        ("PUT /api/v1/warehouses/{name}/login", Right.Engineer, """{"password": "secret"}"""),
        ("GET /api/v1/warehouses/{name}/guard", Right.See, null),
        ("POST /api/v1/warehouses/{name}/guard", Right.Engineer, """{"hours": 2}"""),
        ("POST /api/v1/warehouses/{name}/runs", Right.Operate, """{"kind": "load"}"""),
        ("GET /api/v1/warehouses/{name}/chains/", Right.See, null),
        // The warehouse is not up, so it would be provisioned first. Not confirmed, it does not begin.
        ("POST /api/v1/warehouses/{name}/chains/", Right.Engineer, """{"end": "teardown"}"""),
        ("GET /api/v1/warehouses/{name}/chains/{query}", Right.See, null),
        ("POST /api/v1/warehouses/{name}/chains/{query}/cancel", Right.Operate, null),
        ("GET /api/v1/runs/{id}/files/", Right.See, null),
        ("GET /api/v1/runs/{id}/files/{report}", Right.Ask, null),
        ("GET /api/v1/schedules/", Right.See, null),
        ("POST /api/v1/schedules/preview", Right.See, """{"cron": "30 2 * * *", "zone": "UTC"}"""),
        ("GET /api/v1/warehouses/{name}/schedules/", Right.See, null),
        ("POST /api/v1/warehouses/{name}/schedules/", Right.Operate, """{"name": "nightly", "cron": "30 2 * * *"}"""),
        ("GET /api/v1/warehouses/{name}/schedules/{query}", Right.See, null),
        ("PATCH /api/v1/warehouses/{name}/schedules/{query}", Right.Operate, """{"cron": "30 3 * * *"}"""),
        ("DELETE /api/v1/warehouses/{name}/schedules/{query}", Right.Operate, null),
        ("POST /api/v1/warehouses/{name}/schedules/{query}/pause", Right.Operate, null),
        ("POST /api/v1/warehouses/{name}/schedules/{query}/resume", Right.Operate, null),
        ("POST /api/v1/warehouses/{name}/schedules/{query}/run", Right.Operate, null),
        ("GET /api/v1/runs/", Right.See, null),
        ("GET /api/v1/runs/{id}", Right.See, null),
        ("GET /api/v1/runs/{id}/events", Right.See, null),
        ("GET /api/v1/runs/{id}/log", Right.See, null),
        ("GET /api/v1/runs/{id}/log.txt", Right.See, null),
        ("POST /api/v1/runs/{id}/cancel", Right.Operate, null),
        ("POST /api/v1/runs/{id}/publish", Right.Operate, null),
        ("POST /api/v1/runs/{id}/discard", Right.Operate, null),
        ("POST /api/v1/runs/{id}/retry", Right.Operate, null),
        ("GET /api/v1/warehouses/{name}/export?format=terraform", Right.Engineer, null),
        ("GET /api/v1/reports", Right.See, null),
        ("GET /api/v1/warehouses/{name}/trust", Right.See, null),
        ("GET /api/v1/warehouses/{name}/reports/{report}", Right.See, null),
        ("GET /api/v1/warehouses/{name}/reports/{report}?format=csv", Right.Ask, null),
        ("GET /api/v1/warehouses/{name}/reports/{report}/rows", Right.See, null),
        ("GET /api/v1/warehouses/{name}/reports/{report}/rows?format=csv", Right.Ask, null),
        ("GET /api/v1/dashboards/", Right.See, null),
        ("GET /api/v1/dashboards/{board}", Right.See, null),
        ("POST /api/v1/dashboards/", Right.Ask, """{"name": "new"}"""),
        ("POST /api/v1/dashboards/{board}/tiles", Right.Ask, """{"report": "none"}"""),
        ("PATCH /api/v1/dashboards/{board}", Right.Ask, """{"name": "other"}"""),
        ("DELETE /api/v1/dashboards/{board}", Right.Ask, null),
        ("POST /api/v1/warehouses/{name}/queries/", Right.Ask, """{"sql": "select 1"}"""),
        ("POST /api/v1/warehouses/{name}/queries/?format=csv", Right.Ask, """{"sql": "select 1"}"""),
        ("POST /api/v1/warehouses/{name}/queries/explain", Right.Ask, """{"sql": "select 1"}"""),
        ("GET /api/v1/warehouses/{name}/queries/", Right.Ask, null),
        ("GET /api/v1/warehouses/{name}/queries/{query}/csv", Right.Ask, null),
        ("GET /api/v1/queries/", Right.Ask, null),
        ("POST /api/v1/queries/", Right.Ask, """{"name": "mine", "sql": "select 1"}"""),
        ("PATCH /api/v1/queries/{query}", Right.Ask, """{"name": "other"}"""),
        ("DELETE /api/v1/queries/{query}", Right.Ask, null),
        ("GET /openapi/v1.json", Right.Own, null),
        ("GET /api", Right.Own, null),
        ("GET /api/reference.js", Right.Own, null),
    ];

    // What each page needs before it is shown at all; what is on it its services decide.
    private static readonly Dictionary<string, Right?> Pages = new(StringComparer.Ordinal)
    {
        ["/"] = Right.See,
        ["/warehouses"] = Right.See,
        ["/warehouses/{Name}"] = Right.See,
        ["/warehouses/{Name}/{Tab}"] = Right.See,
        ["/warehouses/new"] = Right.Engineer,
        ["/runs"] = Right.See,
        ["/runs/{Id:long}"] = Right.See,
        ["/runs/compare"] = Right.See,
        ["/schedules"] = Right.See,
        ["/reports"] = Right.See,
        ["/reports/{Id}"] = Right.See,
        ["/dashboards/{Id}"] = Right.See,
        ["/query"] = Right.Ask,
        ["/settings"] = Right.Own,
        ["/settings/account"] = Right.Own,
        ["/settings/people"] = Right.Administer,
        ["/settings/sessions"] = Right.Administer,
        ["/settings/aws"] = Right.Administer,
        ["/settings/notices"] = Right.Operate,
        ["/settings/secrets"] = Right.Administer,
        ["/settings/audit"] = Right.Audit,
        ["/sign-out"] = Right.Own,
        ["/not-found"] = Right.Own,
        ["/not-yours"] = Right.Own,
        ["/{*Rest:nonfile}"] = Right.Own,
        // Before anybody is known.
        ["/sign-in"] = null,
        ["/first"] = null,
    };

    private static readonly string[] OpenToAll = ["/healthz", "/readyz", "/sign-in", "/sign-in/through", "/first"];

    [Fact]
    public async Task Addresses_AllThereAre_AreListedHere_AndOnlyAFewAreOpen()
    {
        await using var app = await TestApp.StartAsync();
        var endpoints = app.Guarded.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        var known = Api.Select(static a => Route(a.Call)).ToHashSet(StringComparer.Ordinal);
        List<string> unknown = [], open = [];
        foreach (var endpoint in endpoints)
        {
            var route = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
            var files = endpoint.Metadata.Any(static m => m.GetType().Name.StartsWith("StaticAsset", StringComparison.Ordinal))
                || route == "/{**path:file}";
            if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null && !files)
            {
                open.Add(route);
            }

            var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["ANY"];
            unknown.AddRange(methods.Select(m => $"{m} {Anonymous(route)}").Where(call => !files && !known.Contains(call)
                && !Pages.ContainsKey(route) && !OpenToAll.Contains(route) && !IsOfTheFramework(route)));
        }

        Assert.True(unknown.Count == 0, string.Join('\n', unknown));
        Assert.Equal(OpenToAll.Order(), open.Distinct().Order());
        var pages = typeof(SparkifyApp).Assembly.GetTypes().SelectMany(static t => t.GetCustomAttributes<RouteAttribute>())
            .Select(static r => r.Template);
        Assert.Equal(Pages.Keys.Order(StringComparer.Ordinal), pages.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void JSInvokables_ThatNeedNoObject_AreNone() => Assert.Empty(
        from type in typeof(SparkifyApp).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        where method.IsDefined(typeof(JSInvokableAttribute))
        select $"{type.Name}.{method.Name}");

    [Fact]
    public async Task Roles_AtEveryAddress_GetWhatTheyMay_AndNothingElse()
    {
        await using var app = await TestApp.StartAsync();
        using var admin = await Visitor.FirstAsync(app);
        var (people, visitors) = (app.Services.GetRequiredService<IPeople>(), new Dictionary<string, (Visitor Visitor, Grants Grants)>());
        var each = Enum.GetValues<Role>().Select(static r => (r.ToString(), new Grant[] { new(r) }));
        foreach (var (name, grants) in each.Append(("none", [])))
        {
            await people.AddAsync(name, Visitor.Password, grants, Actor.System, default);
            visitors[name] = (await Visitor.SignedInAsync(app, name), new Grants(grants));
        }

        await using var store = NpgsqlDataSource.Create(app.Store);
        await using (var make = store.CreateCommand(
            """
            insert into warehouses (name, target, source, max_rejects, created_at, created_by, schema)
            values ('w', 'local', '{"kind": "sample", "Seed": 1, "Days": 1, "Events": 60, "Songs": 10}', 1, now(), 'x', 'dwh');
            insert into runs (warehouse, kind, state, actor, created_at, finished_at) values ('w', 'load', 'succeeded', 'x', now(), now());
            """))
        {
            await make.ExecuteNonQueryAsync();
        }

        List<string> wrong = [];
        using var nobody = new Visitor(app.Address);
        foreach (var (call, needs, body) in Api)
        {
            // The reference is a page: it leads to where one signs in.
            var refused = call == "GET /api" ? HttpStatusCode.Redirect : HttpStatusCode.Unauthorized;
            await AskAsync("nobody", nobody, call, body, refused);
            foreach (var (name, (visitor, grants)) in visitors)
            {
                var may = needs == Right.Own || grants.MayEverywhere(needs);
                await AskAsync(name, visitor, call, body, may ? null : HttpStatusCode.Forbidden);
            }
        }

        foreach (var (route, needs) in Pages.Where(static p => p.Value is not null))
        {
            var path = route.Replace("{Name}", "w").Replace("{Tab}", "runs").Replace("{Id:long}", "1").Replace("{Id}", "home")
                .Replace("{*Rest:nonfile}", "x");
            foreach (var (name, (visitor, grants)) in visitors)
            {
                using var answer = await visitor.Http.GetAsync(path);
                if (answer.StatusCode is not HttpStatusCode.Redirect && answer.Content.Headers.ContentType?.MediaType != "text/html")
                {
                    wrong.Add($"{name} at the page {path}: {answer.Content.Headers.ContentType}");
                }

                var refused = answer.Headers.Location?.OriginalString.EndsWith("/not-yours", StringComparison.Ordinal) == true;
                var may = needs == Right.Own || grants.MayEverywhere(needs!.Value);
                if (refused == may)
                {
                    wrong.Add($"{name} at the page {path}: {(int)answer.StatusCode}");
                }
            }

            using var signIn = await nobody.Http.GetAsync(path);
            if (signIn.Headers.Location?.OriginalString.StartsWith("/sign-in?return=", StringComparison.Ordinal) != true)
            {
                wrong.Add($"nobody at the page {path}: {(int)signIn.StatusCode}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));

        async Task AskAsync(string name, Visitor visitor, string call, string? body, HttpStatusCode? status)
        {
            var (method, path) = (call.Split(' ')[0], call.Split(' ')[1]);
            // Nothing is provisioned, and what would be forgotten is not there: whoever may changes little.
            path = path.Replace("{name}", method == "DELETE" ? "none" : "w").Replace("{id}", "1")
                .Replace("{delivery}", $"{Guid.Empty}").Replace("{table}", "songs").Replace("{report}", "top-songs").Replace("{board}", "nothing").Replace("{query}", "1");
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Content = body is null ? null
                : new StringContent(body, Encoding.UTF8, body[0] == '[' ? "text/plain" : "application/json");
            using var answer = await visitor.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            var right = status is { } wanted ? answer.StatusCode == wanted
                : answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.InternalServerError
                    or HttpStatusCode.MethodNotAllowed);
            // Who sees no warehouse does not learn which there are.
            right |= name == "none" && answer.StatusCode == HttpStatusCode.NotFound;
            if (!right)
            {
                wrong.Add($"{name}: {call} answers {(int)answer.StatusCode}, not {status}: {await answer.Content.ReadAsStringAsync()}");
            }
        }
    }

    private static bool IsOfTheFramework(string route) => route.StartsWith("/_blazor", StringComparison.Ordinal)
        || route.StartsWith("/_framework", StringComparison.Ordinal) || route.StartsWith("/jobs", StringComparison.Ordinal)
        || route is "/api/{**rest}" or "/openapi/{documentName}.json";

    private static string Route(string call) => call.Split(' ')[0] + " " + Anonymous(call.Split(' ')[1].Split('?')[0]);

    // The same whatever its parameters are called.
    private static string Anonymous(string route) => Regex.Replace(route, @"\{[^}]*\}", "{}", RegexOptions.NonBacktracking);
}
