using System.Diagnostics;
using System.Globalization;

namespace Inventory.Verification.Running;

/// <summary>A disk for the database alone, in memory and of a given size, so that it can be filled to the last byte without harm to anything else.</summary>
internal sealed class SmallDisk
{
    private const int AtOnce = 1 << 20;

    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    /// <summary>Mounts it; throws what is wrong, in words.</summary>
    public static async Task<SmallDisk> MountAsync(string folder, int megabytes)
    {
        Directory.CreateDirectory(folder);
        return await RunAsync("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "tmpfs", folder) == 0
            ? new SmallDisk(folder)
            : throw new ArgumentException("--disk needs Linux, and the right to mount a file system.");
    }

    /// <summary>Leaves nothing free while something lasts.</summary>
    public async Task FillAsync(Func<Task> whileAsync)
    {
        var filler = Path.Combine(_folder, "filler");
        try
        {
            await using (var file = new FileStream(filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                // By ever smaller pieces, until not one byte fits any more.
                for (var piece = new byte[AtOnce]; piece.Length > 0;)
                {
                    try
                    {
                        await file.WriteAsync(piece);
                    }
                    catch (IOException)
                    {
                        piece = new byte[piece.Length / 2];
                    }
                }
            }

            await whileAsync();
        }
        finally
        {
            File.Delete(filler);
        }
    }

    /// <summary>Takes it away, with what is on it.</summary>
    public Task UnmountAsync() => RunAsync("umount", _folder);

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
