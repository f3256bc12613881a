using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Threading.RateLimiting;

namespace Inventory.Slices.Hosting;

/// <summary>How much one caller may ask of one node. Callers are told apart by their tokens; without authentication nobody is counted.</summary>
public sealed class RateLimits
{
    private static readonly TimeSpan Refill = TimeSpan.FromMilliseconds(100);

    /// <summary>Requests per second, in the long run. Default 1,000; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecond { get; set; } = 1_000;

    /// <summary>Requests at once, after a pause. Default 2,000; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int RequestsAtOnce { get; set; } = 2_000;

    /// <summary>What a caller's allowance is kept as: a bucket that fills up again ten times a second.</summary>
    internal TokenBucketRateLimiterOptions Bucket => new()
    {
        TokenLimit = RequestsAtOnce,
        // Fewer than ten a second would be none each time.
        ReplenishmentPeriod = RequestsPerSecond >= 10 ? Refill : TimeSpan.FromSeconds(1),
        TokensPerPeriod = RequestsPerSecond >= 10 ? RequestsPerSecond / 10 : RequestsPerSecond,
    };
}

/// <summary>Applies <see cref="RateLimits"/>.</summary>
internal static class RateLimiting
{
    /// <summary>Registers the limits, from the settings' section <c>RateLimits</c>.</summary>
    public static void AddRateLimits(this IServiceCollection services, IConfiguration configuration)
    {
        var limits = configuration.GetSection(nameof(RateLimits)).Get<RateLimits>() ?? new RateLimits();
        var faults = new List<ValidationResult>();
        if (!Validator.TryValidateObject(limits, new ValidationContext(limits), faults, validateAllProperties: true))
        {
            throw new StartRefusedException($"{nameof(RateLimits)}: {string.Join(" ", faults.Select(fault => fault.ErrorMessage))}");
        }

        services.AddRateLimiter(options =>
        {
            options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(http => http.User.FindFirstValue(Access.SubjectClaim) is { } subject
                ? RateLimitPartition.GetTokenBucketLimiter(subject, _ => limits.Bucket)
                : RateLimitPartition.GetNoLimiter(""));
            options.OnRejected = (rejected, _) => new ValueTask(
                new Problem(ProblemTypes.TooManyRequests) { RetryAfterSeconds = 1 }.ExecuteAsync(rejected.HttpContext));
        });
    }
}
