using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Connect;

/// <summary>Somebody's own login, as the API gave it out, and the lines to use it by.</summary>
internal sealed record Login(long Id, string User, string Password, JsonElement Connect)
{
    /// <summary>Makes or replaces one through the API.</summary>
    public static async Task<Login> MakeAsync(HttpClient http, string warehouse)
    {
        var answer = await http.PostAsync($"/api/v1/warehouses/{warehouse}/connect/login", null);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var made = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var connect = await http.GetFromJsonAsync<JsonElement>($"/api/v1/warehouses/{warehouse}/connect");
        var login = made.GetProperty("login");
        Assert.Equal(login.GetProperty("user").GetString(), connect.GetProperty("user").GetString());
        Assert.DoesNotContain(made.GetProperty("password").GetString()!, connect.ToString(), StringComparison.Ordinal);
        return new Login(
            login.GetProperty("id").GetInt64(), login.GetProperty("user").GetString()!, made.GetProperty("password").GetString()!, connect);
    }

    /// <summary>The ready line of a program, of the way of a kind or of the first one.</summary>
    public string Line(string program, string? way = null) => Connect.GetProperty("ways").EnumerateArray()
        .First(w => way is null || w.GetProperty("kind").GetString() == way).GetProperty("lines").EnumerateArray()
        .First(l => l.GetProperty("program").GetString() == program).GetProperty("text").GetString()!;

    /// <summary>A session by the line for Npgsql.</summary>
    public async Task<NpgsqlConnection> OpenAsync(string? way = null)
    {
        NpgsqlConnectionStringBuilder text = new(Line("npgsql", way)) { Pooling = false, Password = Password };
        var db = new NpgsqlConnection(text.ConnectionString);
        await db.OpenAsync();
        return db;
    }

    /// <summary>What the server says when it does not let this login in.</summary>
    public async Task<PostgresException> RefusedAsync() => await Assert.ThrowsAsync<PostgresException>(() => OpenAsync());

    /// <summary>What a session is told once it was ended.</summary>
    public static async Task EndsAsync(NpgsqlConnection session) => await Eventually.BecomesAsync(
        async () =>
        {
            try
            {
                await using var command = new NpgsqlCommand("select 1", session);
                await command.ExecuteNonQueryAsync();
                return "open";
            }
            catch (Exception ex) when (ex is NpgsqlException or InvalidOperationException)
            {
                return "ended";
            }
        }, static s => s == "ended");
}
