using Microsoft.Extensions.Options;
using Sparkify.Core.Common;

namespace Sparkify.Web.Identity;

/// <summary>
/// Counts pages that are open, each of which holds memory here: so many of one person, and so many of all. One whose browser went away
/// counts until it is given up, some minutes later.
/// </summary>
internal sealed class OpenPages(IOptions<NetworkOptions> options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);
    private int _all;

    /// <summary>Throws a sentence when somebody can open no more of them.</summary>
    public void Check(string person)
    {
        lock (_gate)
        {
            var limits = options.Value;
            if (_open.GetValueOrDefault(person) >= limits.MaxPagesOfOne)
            {
                throw new SparkifyException(
                    ProblemKind.TooMany, $"You have {limits.MaxPagesOfOne} pages open, as many as one person may. Close some, then try again.");
            }

            if (_all >= limits.MaxPages)
            {
                throw SparkifyException.Unavailable(
                    $"Everybody together has {limits.MaxPages} pages open, as many as this installation allows. Try again in a few minutes.");
            }
        }
    }

    /// <summary>Counts one more of somebody's; throws a sentence when it is one too many.</summary>
    public void Enter(string person)
    {
        lock (_gate)
        {
            Check(person);
            _open[person] = _open.GetValueOrDefault(person) + 1;
            _all++;
        }
    }

    /// <summary>One of somebody's is closed.</summary>
    public void Leave(string person)
    {
        lock (_gate)
        {
            _all--;
            if (--_open[person] == 0)
            {
                _open.Remove(person);
            }
        }
    }
}
