using Microsoft.Playwright;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>
/// The application with accounts and a loaded warehouse, in which everything that people and files can name means harm; and a browser to
/// look at it.
/// </summary>
public sealed class PeopleApp : IAsyncLifetime
{
    /// <summary>What runs when it is taken for anything but text.</summary>
    public const string Image = "<img src=x onerror=window.ran=1>";

    public const string Script = "\"><script>window.ran=1</script>";

    /// <summary>Ends with "gpj.exe" to whoever believes their eyes.</summary>
    public const string Turned = "turned\u202egpj";

    private readonly TempFolder _folder = new();
    private Browser? _browser;
    private AppProcess? _app;

    internal AppProcess App => _app!;

    public async Task InitializeAsync()
    {
        _folder.Write($"log_data/{Image}/1.json", Source.Event(song: Script, item: 1, ts: 1541105830796));
        _folder.Write($"log_data/{Turned}.json", Source.Event(song: Image, item: 2, ts: 1541109430796) + "\n" + $"{{\"{Script} {Turned}");
        _folder.Write("song_data/A/1.json", Source.Song(title: Script));
        _browser = await Browser.StartAsync();
        _app = await AppProcess.StartAsync();
        await LoadAsync("music", Source.At(_folder), loads: 1);
        await LoadDoubtfulAsync();
        await _app.PostAsync("/api/v1/dashboards", new { name = Image });
        await _app.PostAsync("/api/v1/queries", new { name = Image, sql = $"select '{Script}', '{Turned}'" });
        var page = await NewAsync();
        await page.GotoAsync("/first");
        await page.Locator("input[name=name]").FillAsync("ann");
        await page.Locator("input[name=password]").FillAsync(Visitor.Password);
        await page.Locator("input[name=again]").FillAsync(Visitor.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the account" }).ClickAsync();
        await page.WaitForURLAsync("**/settings/people", new() { WaitUntil = WaitUntilState.Commit });
        await page.WaitForSelectorAsync(".panel");
        Admin = page;
        await AddAsync("vera");
    }

    /// <summary>The administrator's page.</summary>
    internal IPage Admin { get; private set; } = null!;

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _folder.Dispose();
    }

    /// <summary>A browser nobody has signed in with.</summary>
    internal Task<IPage> NewAsync() => _browser!.NewPersonAsync(App.Address);

    /// <summary>Another page in the administrator's browser.</summary>
    internal async Task<IPage> AdminAsync(string path)
    {
        var page = await Admin.Context.NewPageAsync();
        await page.GotoAsync(path);
        await page.WaitForSelectorAsync("h1");
        return page;
    }

    /// <summary>Somebody who has signed in.</summary>
    internal async Task<IPage> SignInAsync(string name)
    {
        var page = await NewAsync();
        await page.GotoAsync("/sign-in");
        await page.Locator("input[name=name]").FillAsync(name);
        await page.Locator("input[name=password]").FillAsync(Visitor.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync(App.Address + "/", new() { WaitUntil = WaitUntilState.Commit });
        await page.WaitForSelectorAsync("h1");
        return page;
    }

    // What asks for a decision, and gets it with a reason.
    private async Task LoadDoubtfulAsync()
    {
        _folder.Write("doubtful/1.json", Source.Event(ts: 1541105830));
        var source = new { events = Path.Combine(_folder.Path, "doubtful"), songs = Path.Combine(_folder.Path, "song_data") };
        await LoadAsync("doubtful", source, loads: 2);
        using var answer = await App.Http.PostAsync(
            new Uri($"/api/v1/runs/4/discard?why={Uri.EscapeDataString($"{Image} {Turned}")}", UriKind.Relative), content: null);
        answer.EnsureSuccessStatusCode();
    }

    private async Task LoadAsync(string warehouse, object source, int loads)
    {
        await App.PostAsync("/api/v1/warehouses", new { name = warehouse, source });
        await App.PostAsync($"/api/v1/warehouses/{warehouse}/runs", new { kind = "provision", then = "load" });
        await Eventually.BecomesAsync(
            () => App.GetAsync("/api/v1/runs?kind=load"),
            all => all.GetProperty("total").GetInt64() == loads && !all.GetProperty("items")[0].GetProperty("active").GetBoolean());
    }

    // A viewer, by the page.
    internal async Task AddAsync(string name)
    {
        var page = await AdminAsync("/settings/people");
        await page.Locator("#person-name").FillAsync(name);
        await page.Locator("#person-password").FillAsync(Visitor.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add this role" }).ClickAsync();
        await page.GetByText("viewer", new() { Exact = true }).First.WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add person", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).WaitForAsync();
        await page.CloseAsync();
    }
}
