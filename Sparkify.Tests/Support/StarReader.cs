using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Sparkify.Tests.Support;

/// <summary>
/// Reads a warehouse's star again and again while something happens to the application: it may have to wait, but what it gets is whole.
/// </summary>
internal sealed class StarReader : IAsyncDisposable
{
    private static readonly string Counts = $"select {string.Join(", ", new[] { "songplays", "users", "songs", "artists", "time" }
        .Select(static table => $"(select count(*) from {table})"))}";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _end = new();
    private readonly Func<Uri> _where;
    private readonly string _warehouse;
    private readonly HashSet<string> _stars = new(StringComparer.Ordinal);
    private readonly Task _reading;

    private StarReader(Func<Uri> where, string warehouse)
    {
        (_where, _warehouse) = (where, warehouse);
        _reading = ReadAsync();
    }

    /// <summary>How often it was answered.</summary>
    public int Answers { get; private set; }

    /// <summary>How often it was not.</summary>
    public int Waits { get; private set; }

    /// <summary>Begins to read, wherever the application answers just now.</summary>
    public static StarReader Start(Func<AppProcess> app, string warehouse) => new(() => new Uri(app().Address), warehouse);

    /// <summary>Waits until it was answered once more.</summary>
    public async Task ReadsAsync()
    {
        var before = Answers;
        await Eventually.BecomesAsync(() => Task.FromResult(Answers), answers => answers > before, seconds: 90);
    }

    /// <summary>Ends, and checks that there was never anything but one star, of so many plays.</summary>
    public async Task SawOnlyAsync(long plays)
    {
        await ReadsAsync();
        await DisposeAsync();
        Assert.Equal(plays.ToString(CultureInfo.InvariantCulture), Assert.Single(_stars).Split(' ')[0]);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading;
    }

    private async Task ReadAsync()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using var answer = await http.PostAsJsonAsync(
                    new Uri(_where(), $"/api/v1/warehouses/{_warehouse}/queries"), new { sql = Counts }, _end.Token);
                if (answer.IsSuccessStatusCode)
                {
                    var rows = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(_end.Token)).RootElement.GetProperty("rows");
                    _stars.Add(string.Join(' ', rows[0].EnumerateArray()));
                    Answers++;
                }
                else
                {
                    Waits++;
                }

                await Task.Delay(Pause, _end.Token);
            }
            catch (HttpRequestException)
            {
                Waits++; // nobody answers there just now
            }
            catch (OperationCanceledException)
            {
                Waits++; // the end, or an answer that does not come
            }
        }
    }
}
