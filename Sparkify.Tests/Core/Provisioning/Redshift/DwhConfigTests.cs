using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift.Import;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Core.Provisioning.Redshift;

/// <summary>The files people come with.</summary>
public sealed class DwhConfigTests
{
    private const string Complete = """
        [AWS]
        KEY = AKIAEXAMPLE0000
        SECRET=hunter2secret
        REGION=us-west-2
        [DWH]
        DWH_CLUSTER_TYPE=multi-node
        DWH_NUM_NODES=4
        DWH_NODE_TYPE=dc2.large
        DWH_DB=Dwh
        DWH_DB_USER=dwhuser
        DWH_DB_PASSWORD=Passw0rd!
        DWH_PORT=5439
        # a comment = with a sign
        [IAM_ROLE]
        ARN='arn:aws:iam::123456789012:role/dwhRole'
        [S3]
        LOG_DATA='s3://udacity-dend/log_data'
        LOG_JSONPATH='s3://udacity-dend/log_json_path.json'
        SONG_DATA="s3://udacity-dend/song_data/"
        """;

    [Fact]
    public void A_complete_file_fills_everything_but_secrets()
    {
        var import = DwhConfig.Read(Complete);
        Assert.Equal(new LocationSource(
            "s3://udacity-dend/log_data/", "s3://udacity-dend/song_data/", "s3://udacity-dend/log_json_path.json"), import.Source);
        var s = import.Settings;
        Assert.Equal(
            ("us-west-2", "ra3.large", 4, "dwh", "dwhuser", 5439), (s.Region, s.NodeType, s.Nodes, s.Database, s.MasterUser, s.Port));
        Assert.Equal(4, import.Notes.Count);
        Assert.Equal(("AKIAEXAMPLE0000", "hunter2secret"), (import.Key!.AccessKey, import.Key.SecretKey));
        var all = string.Join('\n', import.Notes) + import;
        Assert.DoesNotContain("hunter2secret", all, StringComparison.Ordinal);
        Assert.DoesNotContain("AKIAEXAMPLE", all, StringComparison.Ordinal);
        Assert.DoesNotContain("Passw0rd", all, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "The file is empty.")]
    [InlineData(" \n\t\n", "The file is empty.")]
    [InlineData("nonsense\n[[[\n===\n:", "no line of it gives a value")]
    [InlineData("PK\u0003\u0004\0\0HOST=a.b\0", "This is no text")]
    [InlineData("\uFFFD\uFFFD=\uFFFD", "This is no text")]
    public void What_is_no_such_file_is_refused_and_is_no_default_settings(string text, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<SparkifyException>(() => DwhConfig.Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_poor_file_keeps_the_defaults_and_says_what_is_wrong()
    {
        var import = DwhConfig.Read("[CLUSTER]\nDB_PORT=many\nDB_NAME=''\r\n");

        Assert.Equal((new RedshiftSettings().Database, 5439, 1), (import.Settings.Database, import.Settings.Port, import.Settings.Nodes));
        Assert.Null(import.Source);
        Assert.Collection(
            import.Notes, static n => Assert.Contains("DB_PORT is 'many' and no number", n, StringComparison.Ordinal),
            static n => Assert.Contains("LOG_DATA", n, StringComparison.Ordinal));
    }

    [Fact]
    public void A_host_gives_the_cluster_that_exists_with_its_region_login_and_role()
    {
        var import = DwhConfig.Read("""
            [CLUSTER]
            HOST=DWH-Main.abc123.eu-west-1.redshift.amazonaws.com
            DB_NAME=Dev
            DB_USER=awsuser
            DB_PASSWORD='Passw0rd;!' ; of theirs
            DB_PORT=5439
            [IAM_ROLE]
            ARN='arn:aws:iam::123456789012:role/dwhRole'
            [S3]
            LOG_DATA='s3://b/log'
            LOG_JSONPATH='s3://b/paths.json'
            SONG_DATA='s3a://b/song_data/*/*/*/*.json'
            """);

        Assert.Equal(
            new ExistingCluster
            {
                Host = "dwh-main.abc123.eu-west-1.redshift.amazonaws.com",
                Database = "dev",
                User = "awsuser",
                Role = "arn:aws:iam::123456789012:role/dwhRole",
            },
            import.Settings.Existing);
        Assert.Equal(("eu-west-1", "dwh-main", "Passw0rd;!"), (import.Settings.Region, import.Name, import.Password!.Value));
        Assert.Equal(("s3://b/log/", "s3://b/song_data/"), (import.Source!.Events, import.Source.Songs));
        Assert.Empty(import.Settings.Problems());
        Assert.Equal(IdleAction.Nothing, import.Settings.WhenIdle);
        Assert.Collection(
            import.Notes, static n => Assert.Contains("holds the password of the user 'awsuser'", n, StringComparison.Ordinal),
            static n => Assert.Equal("SONG_DATA is a pattern; everything below s3://b/song_data/ is read.", n));
        Assert.DoesNotContain("Passw0rd", $"{import}{string.Join('\n', import.Notes)}", StringComparison.Ordinal);
    }

    [Fact]
    public void An_endpoint_as_the_console_shows_it_is_taken_apart()
    {
        var import = DwhConfig.Read("ENDPOINT=w.abc.us-east-1.redshift.amazonaws.com:5440/sales\nDB_USER=a\nDWH_IAM_ROLE_NAME=dwhRole");

        Assert.Equal(
            new ExistingCluster { Host = "w.abc.us-east-1.redshift.amazonaws.com", Port = 5440, Database = "sales", User = "a" },
            import.Settings.Existing);
        Assert.Contains(import.Notes, static n => n.StartsWith("dwhRole is the name of a role and no ARN", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("XXX")]
    [InlineData("<endpoint>")]
    [InlineData("REPLACE_ME")]
    [InlineData("your cluster here")]
    [InlineData("''")]
    public void A_placeholder_is_none_and_is_said(string value)
    {
        var import = DwhConfig.Read($"[CLUSTER]\nHOST={value}\nDB_NAME=dwh\nDB_USER=u\nDWH_NUM_NODES=2");

        Assert.Null(import.Settings.Existing);
        Assert.Equal(("dwh", 2), (import.Settings.Database, import.Settings.Nodes));
        Assert.Equal(value != "''", import.Notes.Contains("HOST is a placeholder that was never filled in: it was left out."));
    }

    [Fact]
    public void Every_value_is_used_or_named_and_broken_lines_are_said()
    {
        var import = DwhConfig.Read(
            "[CLUSTER\nHOST=h.example.com\nDB_USER=u\nDB_USER=v\nhalf a line\nDWH_NODE_TYPE=ra3.large\nREGION_NAME=x\n[S3]\nLOG_DATA=s3://b/l\nSONG_DATA=s3://b/s\n");

        Assert.Equal("v", import.Settings.Existing!.User);
        Assert.Equal(
            [
                "Line 1 begins a section and does not end it (there is no ]); what follows is read all the same.",
                "DB_USER stands in the file more than once; the last one counts.",
                "Line 5 is no NAME=value: it was left out.",
                "The file holds no password of the user 'v'. Give it, or log in by IAM.",
                "Not used: DWH_NODE_TYPE, REGION_NAME.",
            ],
            import.Notes);
    }

    [Theory]
    [InlineData("s3://some-bucket/log ; comment", "s3://some-bucket/log/", 0)]
    [InlineData("'s3://some-bucket/log' ; comment", "s3://some-bucket/log/", 0)]
    [InlineData("\"s3://some-bucket/log\"\t# it's a comment", "s3://some-bucket/log/", 0)]
    [InlineData("'s3://some-bucket/log'# comment", "s3://some-bucket/log/", 0)]
    [InlineData("s3://some-bucket/a;b#c/log # comment ; more", "s3://some-bucket/a;b#c/log/", 0)]
    [InlineData("'s3://some-bucket/log ; no comment'", "s3://some-bucket/log ; no comment/", 0)]
    [InlineData("'s3://some-bucket/log' and more", "s3://some-bucket/log/", 1)]
    public void A_comment_behind_a_value_is_no_part_of_it(string value, string meant, int notes)
    {
        var import = DwhConfig.Read($"[S3]\nLOG_DATA = {value}\nSONG_DATA='s3://some-bucket/song'\r\n");

        Assert.Equal((meant, "s3://some-bucket/song/"), (import.Source?.Events, import.Source?.Songs));
        Assert.Equal(notes, import.Notes.Count);
        Assert.All(import.Notes, static n => Assert.Contains("quoted value of LOG_DATA", n, StringComparison.Ordinal));
    }

    [Fact]
    public void A_value_that_is_nothing_but_a_comment_is_none() =>
        Assert.Null(DwhConfig.Read("[S3]\nLOG_DATA= ; to be filled in\nSONG_DATA=s3://b/song").Source);

    [Fact]
    public void A_single_node_is_one_node_whatever_the_number()
        => Assert.Equal(1, DwhConfig.Read("[DWH]\nDWH_CLUSTER_TYPE=single-node\nDWH_NUM_NODES=4").Settings.Nodes);
}
