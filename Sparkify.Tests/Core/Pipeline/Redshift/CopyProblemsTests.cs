using Npgsql;
using Sparkify.Core.Pipeline.Redshift;
using Sparkify.Core.Sources.S3;

namespace Sparkify.Tests.Core.Pipeline.Redshift;

public sealed class CopyProblemsTests
{
    [Theory]
    [InlineData("S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 5E5A", "may not read everything")]
    [InlineData("S3ServiceException:Not Found,Status 404,Error NoSuchKey,Rid 5E5A", "is not there any more")]
    [InlineData("S3ServiceException:The bucket is in another place,Status 301,Error PermanentRedirect", "is in another region")]
    [InlineData("Invalid compressed object s3://music/404/AccessDenied.json.gz, inflate failed", "no valid gzip file")]
    [InlineData("Load into table failed at 's3://music/gzip 403/not found.json'", "Redshift refused the COPY")]
    [InlineData("Load into table failed after 404123 rows of part-301.json", "Redshift refused the COPY")]
    public void Sentence_IsJudgedByWhatRedshiftSays_NotByTheNamesOfFiles(string said, string sentence)
    {
        var target = new CopyTarget(
            "arn:aws:iam::1:role/r", OwnRole: true, "us-west-2", S3Path.Parse("s3://music/log/", "events"), "us-west-2", JsonPaths: null, Area: null!);

        var problem = CopyProblems.Sentence(new PostgresException(said, "ERROR", "ERROR", "XX000"), target, "events");

        Assert.Contains(sentence, problem.Message, StringComparison.Ordinal);
        Assert.Contains(said, problem.Message, StringComparison.Ordinal);
    }
}
