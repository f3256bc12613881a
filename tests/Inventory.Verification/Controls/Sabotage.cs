using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
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

    /// <summary>The faults without which nothing would show it, each of which is done twice.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>How long each nuisance goes on.</summary>
    public TimeSpan NuisanceTime { get; init; }

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
        new("no-doubt", "whoever cannot be told how it ended is told that nothing was written", "drain", [5])
        {
            Between = inner => new HasNoDoubt { InnerHandler = inner },
            Faults = ["lose-answer"],
        },
        new("long-memory", "reads show the newest state that was ever shown, also when the database was set back", "hot", [8, 9, 10, 12])
        {
            Between = inner => new RemembersForEver { InnerHandler = inner },
            Faults = ["set-back"],
        },
        new("late-answers", "answers that come late come later still", "drain", [19])
        {
            Between = inner => new Dawdles { InnerHandler = inner },
            Faults = ["stand-still"],
        },
        new("left-open", "streams of changes are opened, and never closed", "drain", [18]) { Between = inner => new NeverCloses { InnerHandler = inner } },
        new("one-line", "all callers of a node share a few places, however long each keeps one", "drain", [17])
        {
            Between = inner => new HasFewPlaces { InnerHandler = inner },
            NuisanceTime = TimeSpan.FromSeconds(2),
        },
    ];

    /// <summary>Says that nothing was written whenever it does not know.</summary>
    private sealed class HasNoDoubt : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException) when (request.Method != HttpMethod.Get)
            {
                return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new StringContent("""{"type":"/problems/unavailable"}""") };
            }
        }
    }

    /// <summary>Answers reads with the newest version of a product that it has come across.</summary>
    private sealed class RemembersForEver : DelegatingHandler
    {
        private readonly ConcurrentDictionary<Uri, (long Version, string Body)> _newest = new();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (request.Method != HttpMethod.Get || answer.StatusCode != HttpStatusCode.OK
                || !long.TryParse(answer.Headers.ETag?.Tag.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            {
                return answer;
            }

            var body = await answer.Content.ReadAsStringAsync(cancellationToken);
            var newest = _newest.AddOrUpdate(request.RequestUri!, (version, body), (_, known) => known.Version > version ? known : (version, body));
            answer.Content = new StringContent(newest.Body);
            return answer;
        }
    }

    /// <summary>Keeps what took longer than usual back for some more seconds.</summary>
    private sealed class Dawdles : DelegatingHandler
    {
        private static readonly TimeSpan Usual = TimeSpan.FromSeconds(3);
        private static readonly TimeSpan More = TimeSpan.FromSeconds(14);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var clock = Stopwatch.StartNew();
            var answer = await base.SendAsync(request, cancellationToken);
            if (clock.Elapsed > Usual)
            {
                await Task.Delay(More, cancellationToken);
            }

            return answer;
        }
    }

    /// <summary>Opens a stream of changes with every tenth command, up to some.</summary>
    private sealed class NeverCloses : DelegatingHandler
    {
        private const int EveryOf = 10;
        private const int OpenMax = 20;
        private readonly ConcurrentBag<HttpResponseMessage> _open = [];
        private int _commands;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method != HttpMethod.Get && Interlocked.Increment(ref _commands) % EveryOf == 0 && _open.Count < OpenMax)
            {
                using var changes = new HttpRequestMessage(HttpMethod.Get, new Uri(request.RequestUri!, "/changes"));
                _open.Add(await base.SendAsync(changes, CancellationToken.None));
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Lets so many in, and the others wait until one has gone.</summary>
    private sealed class HasFewPlaces : DelegatingHandler
    {
        private const int Places = 40;
        private static readonly TimeSpan Longer = TimeSpan.FromSeconds(5);
        private readonly SemaphoreSlim _free = new(Places);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await _free.WaitAsync(cancellationToken);
            try
            {
                var answer = await base.SendAsync(request, cancellationToken);
                if (answer.Content.Headers.ContentType?.MediaType == "text/event-stream" && request.RequestUri!.AbsolutePath != "/changes")
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    await Task.Delay(Longer, CancellationToken.None);
                }

                return answer;
            }
            finally
            {
                _free.Release();
            }
        }

        protected override void Dispose(bool disposing)
        {
            _free.Dispose();
            base.Dispose(disposing);
        }
    }

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
