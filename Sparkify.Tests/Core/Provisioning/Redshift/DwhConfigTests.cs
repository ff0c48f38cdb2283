using Sparkify.Core.Provisioning.Redshift;
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
    [InlineData("")]
    [InlineData("nonsense\n[[[\n===\n:")]
    [InlineData("[CLUSTER]\nDB_PORT=many\nDB_NAME=''\r\n")]
    public void A_poor_file_keeps_the_defaults_and_says_what_is_missing(string text)
    {
        var import = DwhConfig.Read(text);
        Assert.Equal((new RedshiftSettings().Database, 5439, 1), (import.Settings.Database, import.Settings.Port, import.Settings.Nodes));
        Assert.Null(import.Source);
        Assert.Contains("LOG_DATA", Assert.Single(import.Notes), StringComparison.Ordinal);
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
