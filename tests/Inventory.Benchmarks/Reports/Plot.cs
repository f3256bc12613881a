using System.Globalization;
using System.Text;

namespace Inventory.Benchmarks.Reports;

/// <summary>Draws commands per second over callers, both axes logarithmic, as SVG that is readable on light and on dark.</summary>
internal static class Plot
{
    private const int Width = 760;
    private const int Height = 420;
    private const int Left = 70;
    private const int Right = 150;
    private const int Top = 46;
    private const int Bottom = 50;

    private static readonly string[] Colours = ["#d62728", "#1f77b4", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#17becf"];

    /// <summary>Draws some peers.</summary>
    public static string Draw(string title, Figures figures, IReadOnlyList<string> peers)
    {
        var svg = new StringBuilder();
        var style = CultureInfo.InvariantCulture;
        svg.AppendLine(style, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="13">""");
        svg.AppendLine("<style>text{fill:#333}.g{stroke:#ccc}@media(prefers-color-scheme:dark){text{fill:#ddd}.g{stroke:#444}}</style>");
        svg.AppendLine(style, $"""<text x="{Left}" y="24" font-size="16">{title}</text>""");
        foreach (var callers in new[] { 1, 16, 64, 256 })
        {
            svg.AppendLine(style, $"""<text x="{X(callers):0}" y="{Height - 24}" text-anchor="middle">{callers}</text>""");
        }

        svg.AppendLine(style, $"""<text x="{(Left + Width - Right) / 2}" y="{Height - 6}" text-anchor="middle">callers at once</text>""");
        for (var power = 1; power <= 5; power++)
        {
            var perSecond = Math.Pow(10, power);
            svg.AppendLine(style, $"""<line class="g" x1="{Left}" x2="{Width - Right}" y1="{Y(perSecond):0}" y2="{Y(perSecond):0}"/>""");
            svg.AppendLine(style, $"""<text x="{Left - 8}" y="{Y(perSecond) + 4:0}" text-anchor="end">{perSecond:N0}</text>""");
        }

        svg.AppendLine(style, $"""<text x="{Left}" y="40" font-size="12">commands accepted per second</text>""");
        var labels = new List<double>();
        foreach (var (peer, n) in peers.Where(figures.Peers.Contains).OrderByDescending(peer => Last(figures, peer)).Select((peer, n) => (peer, n)))
        {
            var colour = Colours[n % Colours.Length];
            var points = figures.CallersOf(peer).Select(callers => string.Create(style, $"{X(callers):0.0},{Y(figures.PerSecond(peer, callers)):0.0}"));
            svg.AppendLine(style, $"""<polyline fill="none" stroke="{colour}" stroke-width="{(peer.StartsWith("service", StringComparison.Ordinal) ? 4 : 2)}" points="{string.Join(' ', points)}"/>""");
            var y = Math.Max(Y(Last(figures, peer)) + 4, labels.Count == 0 ? 0 : labels[^1] + 16);
            labels.Add(y);
            svg.AppendLine(style, $"""<text x="{Width - Right + 8}" y="{y:0}" style="fill:{colour}">{peer}</text>""");
        }

        return svg.AppendLine("</svg>").ToString();
    }

    private static double Last(Figures figures, string peer) => figures.PerSecond(peer, figures.CallersOf(peer).Max());

    private static double X(int callers) => Left + (Math.Log2(callers) / 8 * (Width - Left - Right));

    private static double Y(double perSecond) => Height - Bottom - ((Math.Log10(Math.Max(perSecond, 10)) - 1) / 4 * (Height - Top - Bottom));
}
