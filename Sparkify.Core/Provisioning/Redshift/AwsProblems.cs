using Sparkify.Core.Aws;
using Sparkify.Core.Common;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>Turns trouble with AWS into the application's own refusals; the sentence stays.</summary>
internal static class AwsProblems
{
    public static async Task<T> TranslateErrorsAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (AwsException e)
        {
            throw new SparkifyException(e.Problem, e.Message, e);
        }
    }

    public static Task TranslateErrorsAsync(Func<Task> work) => TranslateErrorsAsync(async () =>
    {
        await work();
        return true;
    });
}
