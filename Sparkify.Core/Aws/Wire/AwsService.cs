namespace Sparkify.Core.Aws.Wire;

/// <summary>What has to be known about a service to call it; the values are its service model's.</summary>
/// <param name="ServiceId">Also names <c>AWS_ENDPOINT_URL_…</c> and the key in a profile's services section.</param>
/// <param name="SigningName">Its name in a signature, and in front of its host name.</param>
/// <param name="ApiVersion">The version of its API.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="OnePerPartition">Whether it has one endpoint and one signing region per partition (IAM).</param>
internal sealed record AwsService(string ServiceId, string SigningName, string ApiVersion, string Title, bool OnePerPartition = false)
{
    public static AwsService Redshift { get; } = new("Redshift", "redshift", "2012-12-01", "Amazon Redshift");

    public static AwsService Iam { get; } = new("IAM", "iam", "2010-05-08", "AWS IAM", OnePerPartition: true);

    public static AwsService Ec2 { get; } = new("EC2", "ec2", "2016-11-15", "Amazon EC2");

    public static AwsService Secrets { get; } = new("Secrets Manager", "secretsmanager", "2017-10-17", "AWS Secrets Manager");

    public static AwsService Sts { get; } = new("STS", "sts", "2011-06-15", "AWS STS");

    public static AwsService S3 { get; } = new("S3", "s3", "2006-03-01", "Amazon S3");
}
