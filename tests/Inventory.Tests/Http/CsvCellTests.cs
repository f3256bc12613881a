using Inventory.Slices.Hosting;

namespace Inventory.Tests.Http;

public sealed class CsvCellTests
{
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+44 20", "'+44 20")]
    [InlineData("-5", "'-5")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "'\r=1")]
    [InlineData("'=1", "''=1")]
    [InlineData("''-1", "'''-1")]
    [InlineData("'tis", "'tis")]
    [InlineData("'", "'")]
    [InlineData("", "")]
    [InlineData("Widget =1", "Widget =1")]
    [InlineData("−5", "−5")]
    public void What_could_be_a_formula_is_guarded_and_every_text_comes_back(string text, string guarded)
    {
        Assert.Equal(guarded, CsvCell.Guard(text));
        Assert.Equal(text, CsvCell.Unguard(guarded));
    }

    [Theory]
    [InlineData("'=1", "=1")]
    [InlineData("=1", "=1")]
    [InlineData("'tis", "'tis")]
    public void What_others_wrote_loses_a_guard_and_nothing_else(string written, string text) => Assert.Equal(text, CsvCell.Unguard(written));
}
