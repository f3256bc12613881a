using Spectre.Console;
using Spectre.Console.Rendering;

namespace Inventory.Slices.Cli;

/// <summary>
/// The console without the lines in which the command line framework says which assemblies it searches for verbs.
/// </summary>
internal sealed class QuietConsole(IAnsiConsole inner) : IAnsiConsole
{
    private const string Noise = "Searching '";

    public Profile Profile => inner.Profile;

    public IAnsiConsoleCursor Cursor => inner.Cursor;

    public IAnsiConsoleInput Input => inner.Input;

    public IExclusivityMode ExclusivityMode => inner.ExclusivityMode;

    public RenderPipeline Pipeline => inner.Pipeline;

    public void Clear(bool home) => inner.Clear(home);

    public void Write(IRenderable renderable)
    {
        if (renderable is not (Markup or Paragraph)
            || !string.Concat(renderable.GetSegments(inner).Take(3).Select(s => s.Text)).StartsWith(Noise, StringComparison.Ordinal))
        {
            inner.Write(renderable);
        }
    }

    public void WriteAnsi(Action<AnsiWriter> action) => inner.WriteAnsi(action);
}
