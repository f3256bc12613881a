using System.Net;
using Wolverine.Http;

namespace Inventory.Slices.Hosting;

/// <summary>Serves the readable page behind the <c>type</c> of every problem.</summary>
public static class ProblemPageEndpoint
{
    [WolverineGet("/problems/{slug}")]
    [Shows("Explain a problem type", typeof(string), nameof(ProblemTypes.NotFound), MediaType = "text/html", Scope = Scope.None)]
    public static IResult Get(string slug) => ProblemTypes.All.TryGetValue(slug, out var type)
        ? TypedResults.Content(Page(type), "text/html; charset=utf-8")
        : new Problem(ProblemTypes.NotFound, $"There is no problem type {slug}.");

    private static string Page(ProblemType type) =>
        $"""
         <!doctype html>
         <html lang="en">
         <head><meta charset="utf-8"><title>{WebUtility.HtmlEncode(type.Title)}</title></head>
         <body>
         <h1>{WebUtility.HtmlEncode(type.Title)}</h1>
         <p><code>/problems/{type.Slug}</code>, status {type.Status}</p>
         <h2>What it means</h2>
         <p>{WebUtility.HtmlEncode(type.Meaning)}</p>
         <h2>What to do</h2>
         <p>{WebUtility.HtmlEncode(type.NextStep)}</p>
         </body>
         </html>
         """;
}
