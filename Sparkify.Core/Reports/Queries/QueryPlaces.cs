using Microsoft.Extensions.Options;
using Sparkify.Core.Common;

namespace Sparkify.Core.Reports.Queries;

/// <summary>
/// The places of queries and exports that run at once: so many in all, and fewer for each person. Whoever finds none is told at once whose
/// are taken; nobody waits in line.
/// </summary>
internal sealed class QueryPlaces(QueryWatch watch, IOptions<QueryOptions> options)
{
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly List<QueryPlace> _taken = [];

    /// <summary>Takes a place for a person; throws a sentence when there is none for them.</summary>
    public QueryPlace Enter(Actor person)
    {
        lock (_gate)
        {
            var (all, own) = (options.Value.AtOnce, options.Value.PerPerson);
            if (_taken.Count(p => p.Person == person.Name) >= own)
            {
                throw Full(
                    $"You already have as many queries and exports running as one person may ({own}). Wait until one ends, or cancel one.");
            }

            if (_taken.Count >= all)
            {
                throw Full($"All {all} places for queries and exports are in use right now. Try again in a moment.");
            }

            QueryPlace place = new(person.Name, watch, Leave);
            _taken.Add(place);
            return place;
        }
    }

    private void Leave(QueryPlace place)
    {
        lock (_gate)
        {
            _taken.Remove(place);
        }
    }

    private static SparkifyException Full(string sentence) => new(ProblemKind.TooMany, sentence) { Wait = TryAgainAfter };
}
