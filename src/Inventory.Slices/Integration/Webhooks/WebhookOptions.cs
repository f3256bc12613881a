using System.ComponentModel.DataAnnotations;
using Inventory.Slices.Hosting;
using Inventory.Slices.Products;

namespace Inventory.Slices.Integration;

/// <summary>Who is told of facts over HTTP, in the section <c>Webhooks</c> of the configuration.</summary>
public sealed class WebhookOptions : IValidatableObject
{
    /// <summary>The section.</summary>
    public const string Section = "Webhooks";

    /// <summary>The longest <see cref="Timeout"/>.</summary>
    internal static readonly TimeSpan TimeoutMax = TimeSpan.FromMinutes(1);

    /// <summary>Who is told. Default: nobody.</summary>
    public IList<WebhookEndpoint> Endpoints { get; } = [];

    /// <summary>
    /// The pauses before a delivery is tried again, each 1 ms or more; after the last it becomes a dead letter. Default: 5 s, 30 s, 2 min, 10 min, 1 h.
    /// </summary>
    public IList<TimeSpan> RetryDelays { get; } = [];

    /// <summary>How long a receiver may take to answer, 1 s to 1 min. Default: 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many deliveries to one receiver a node makes at the same time, 1 to 100. Default: 8.</summary>
    [Range(1, 100)]
    public int AtOnceMax { get; set; } = 8;

    /// <summary>
    /// How long a receiver is left alone whose last deliveries all failed, 500 ms to <see cref="PauseMax"/>; as long as the next ones fail too it doubles. Default: 5 s.
    /// </summary>
    public TimeSpan PauseMin { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest such pause, up to 1 h. Default: 1 min.</summary>
    public TimeSpan PauseMax { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a fact may wait for a receiver that is left alone: as long as all its attempts could take.</summary>
    internal TimeSpan TriedFor => RetryDelaysInForce.Aggregate(Timeout, (sum, delay) => sum + delay + Timeout);

    /// <summary>The pauses that are in force.</summary>
    internal TimeSpan[] RetryDelaysInForce => RetryDelays.Count > 0
        ? [.. RetryDelays]
        : [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1)];

    /// <summary>Reads them.</summary>
    /// <exception cref="StartRefusedException">A receiver's address is none.</exception>
    internal static WebhookOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        foreach (var endpoint in section.GetSection(nameof(Endpoints)).GetChildren())
        {
            // Before it is bound: what cannot be would be told with its value, and an address may have a secret in its path.
            if (!Uri.TryCreate(endpoint[nameof(WebhookEndpoint.Url)], UriKind.Absolute, out _))
            {
                throw new StartRefusedException($"{endpoint.Path}:{nameof(WebhookEndpoint.Url)} is no address. A receiver {WebhookEndpoint.NeedsUrl}");
            }
        }

        var webhooks = new WebhookOptions();
        section.Bind(webhooks);
        return webhooks;
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var endpoint in Endpoints)
        {
            if (endpoint.Fault() is { } fault)
            {
                yield return new ValidationResult($"Webhooks: the endpoint “{endpoint.Name}” {fault}");
            }
        }

        if (Endpoints.GroupBy(endpoint => endpoint.Name).Any(same => same.Count() > 1))
        {
            yield return new ValidationResult("Webhooks: two endpoints have the same Name. Deliveries are kept under it; give each its own.");
        }

        if (RetryDelays.Any(delay => delay < TimeSpan.FromMilliseconds(1)) || RetryDelays.Count > 20)
        {
            yield return new ValidationResult("Webhooks: RetryDelays takes up to 20 pauses of 1 ms or more.");
        }

        if (PauseMin < TimeSpan.FromMilliseconds(500) || PauseMax < PauseMin || PauseMax > TimeSpan.FromHours(1))
        {
            yield return new ValidationResult("Webhooks: PauseMin is 500 ms or more, PauseMax not less than it and at most 1 h.");
        }
    }
}

/// <summary>One receiver.</summary>
public sealed class WebhookEndpoint
{
    internal const string NeedsUrl = "needs a Url: https, or http on loopback.";

    private const string SecretPrefix = "whsec_";

    /// <summary>What deliveries to it are kept under; not to be changed while some are under way.</summary>
    public string Name { get; set; } = "";

    /// <summary>Where it is: https, or http on loopback.</summary>
    public Uri? Url { get; set; }

    /// <summary>The key that deliveries are signed with: <c>whsec_</c> and 24 to 64 bytes in base64 (Standard Webhooks). Best from the environment.</summary>
    public string Secret { get; set; } = "";

    /// <summary>The types of facts it wants. Default: all.</summary>
    public IList<string> Types { get; } = [];

    internal bool Wants(ProductFact fact) => Types.Count == 0 || Types.Contains(fact.Type);

    /// <summary>The key's bytes, or null when the secret is none.</summary>
    internal byte[]? Key()
    {
        var bytes = new byte[64];
        return Secret.StartsWith(SecretPrefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(Secret[SecretPrefix.Length..], bytes, out var count) && count is >= 24 and <= 64
            ? bytes[..count]
            : null;
    }

    /// <summary>What is wrong with it, in words that say what to do; null when it is fine.</summary>
    public string? Fault() =>
        Name.Length is 0 or > 64 ? "needs a Name of 1 to 64 characters."
        : Url is not { IsAbsoluteUri: true } || (Url.Scheme != Uri.UriSchemeHttps && !(Url.Scheme == Uri.UriSchemeHttp && Url.IsLoopback)) ? NeedsUrl
        : Url.UserInfo.Length > 0 ? "has a user in its Url. Receivers recognise the service by the signature; leave it out."
        : Key() is null ? "needs a Secret: whsec_ and 24 to 64 random bytes in base64, such as the output of: echo whsec_$(openssl rand -base64 32)"
        : Types.Except(ProductFact.Types).FirstOrDefault() is { } unknown ? $"wants “{unknown}”. There are {string.Join(", ", ProductFact.Types)}."
        : null;
}
