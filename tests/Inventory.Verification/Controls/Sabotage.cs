using System.Collections.Concurrent;
using System.Net;
using Inventory.Verification.Running;

namespace Inventory.Verification.Controls;

/// <summary>
/// A promise broken on purpose, from outside the service, which a run has to notice. A checker that has never been seen red proves
/// nothing.
/// </summary>
/// <param name="Name">How it is called on the command line.</param>
/// <param name="About">What is broken, in words.</param>
/// <param name="Workload">What shows it.</param>
/// <param name="Invariants">The invariants of which at least one has to be found broken.</param>
internal sealed record Sabotage(string Name, string About, string Workload, IReadOnlyList<int> Invariants)
{
    /// <summary>What is done in the database when the nodes are up, one statement after the other.</summary>
    public IReadOnlyList<string> Sql { get; init; } = [];

    /// <summary>What stands between the clients and the nodes.</summary>
    public Func<HttpMessageHandler, DelegatingHandler>? Between { get; init; }

    /// <summary>How often the database server is crashed meanwhile.</summary>
    public int Crashes { get; init; }

    public static IReadOnlyList<Sabotage> All { get; } =
    [
        new("no-version-check", "nobody looks at the version that a caller names", "compare-and-set", [8]) { Between = inner => new ForgetsConditions { InnerHandler = inner } },
        new("no-receipts", "receipts of commands vanish", "same-key", [6, 13])
        {
            Sql =
            [
                "create function inventory.forget() returns trigger language plpgsql as 'begin return null; end'",
                "create trigger forget before insert on inventory.receipts for each row execute function inventory.forget()",
            ],
        },
        new("stale-cache", "exact reads come from a cache that is a little old", "hot", [9, 10, 12]) { Between = inner => new StaleCache { InnerHandler = inner } },
        new("swallowed-error", "the projection of the list skips some events and goes on", "lists", [11, 12])
        {
            Sql =
            [
                "create function inventory.swallow() returns trigger language plpgsql as 'begin return case when new.version % 3 = 0 then null else new end; end'",
                "create trigger swallow before update on inventory.product_list for each row execute function inventory.swallow()",
            ],
        },
        new("asynchronous-commit", "the database acknowledges commits before they are on the disk (synchronous_commit=off), and crashes", "hot", [1])
        {
            Sql =
            [
                "alter system set wal_writer_delay = '10s'",
                "alter system set wal_writer_flush_after = '1GB'",
                "alter database verification set synchronous_commit = off",
                "select pg_reload_conf()",
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
            ],
            Crashes = 3,
        },
    ];

    /// <summary>Whatever version a caller names will do.</summary>
    private sealed class ForgetsConditions : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Headers.Remove("If-Match") | request.Headers.Remove("Seen-Version"))
            {
                request.Headers.TryAddWithoutValidation("If-Match", "*");
            }

            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Answers reads from memory for half a second.</summary>
    private sealed class StaleCache : DelegatingHandler
    {
        private readonly ConcurrentDictionary<Uri, (long At, HttpStatusCode Status, string Body)> _kept = new();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method != HttpMethod.Get || request.RequestUri!.Query.Length > 0)
            {
                return await base.SendAsync(request, cancellationToken);
            }

            if (!_kept.TryGetValue(request.RequestUri, out var kept) || Environment.TickCount64 - kept.At > 500)
            {
                using var answer = await base.SendAsync(request, cancellationToken);
                kept = (Environment.TickCount64, answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
                _kept[request.RequestUri] = kept;
            }

            return new HttpResponseMessage(kept.Status) { Content = new StringContent(kept.Body) };
        }
    }
}
