using Inventory.Slices.Hosting;
using Inventory.Tests.Architecture;
using Inventory.Tests.Hosting;

namespace Inventory.Tests.Http;

/// <summary>How the page is served. What it does is tested in a browser.</summary>
public sealed class WebPageScenarios(Service service) : IClassFixture<Service>
{
    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/lab", "text/html")]
    [InlineData("/site.css", "text/css")]
    [InlineData("/js/page.js", "text/javascript")]
    [InlineData("/favicon.svg", "image/svg+xml")]
    public async Task A_file_of_the_page_may_load_and_run_nothing_but_files_of_the_service(string path, string type)
    {
        var answer = await service.GetAsync(path);

        Assert.Equal((200, type), (answer.Status, answer.ContentType));
        Assert.Equal(WebPage.ContentSecurityPolicy, answer.Headers["Content-Security-Policy"]);
        Assert.DoesNotContain("unsafe", WebPage.ContentSecurityPolicy, StringComparison.Ordinal);
        Assert.Equal(
            ("nosniff", "no-referrer", "same-origin", "no-cache"),
            (answer.Headers["X-Content-Type-Options"], answer.Headers["Referrer-Policy"], answer.Headers["Cross-Origin-Opener-Policy"], answer.Headers["Cache-Control"]));
    }

    [Fact]
    public async Task What_has_not_changed_is_not_sent_again()
    {
        var first = await service.GetAsync("/js/page.js");
        var again = await service.GetAsync("/js/page.js", ("If-None-Match", first.ETag!));

        Assert.Equal((304, ""), (again.Status, again.Text));
    }

    [Theory]
    [InlineData("GET", "/js/nothing.js", 404, "not-found")]
    [InlineData("GET", "/js/../appsettings.json", 404, "not-found")]
    [InlineData("GET", "/appsettings.json", 404, "not-found")]
    [InlineData("POST", "/", 404, "not-found")]
    public async Task What_is_no_file_of_the_page_is_answered_as_any_unknown_path(string method, string path, int status, string slug) =>
        (await service.SendAsync(method, path, null, null)).IsProblem(status, slug);

    [Fact]
    public void The_page_has_no_script_and_no_style_but_in_files()
    {
        var pages = Directory.GetFiles(Path.Combine(SourceTree.Root, "src", "Inventory.Slices", "wwwroot"), "*.html");
        Assert.NotEmpty(pages);

        Assert.All(pages.Select(File.ReadAllText), page =>
        {
            Assert.DoesNotMatch(@"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", page);
            Assert.DoesNotContain("//", page, StringComparison.Ordinal);
        });
    }
}
