namespace Inventory.Tests.Architecture;

/// <summary>Compares a text with the one that was approved, kept in <c>tests/Inventory.Tests/Approved</c>.</summary>
internal static class Approval
{
    /// <summary>Asserts that a text is as approved. What was received lies beside it when it is not.</summary>
    public static void Matches(string received, string name)
    {
        var approved = Path.Combine(SourceTree.Root, "tests", "Inventory.Tests", "Approved", name);
        received = received.ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (File.Exists(approved) && File.ReadAllText(approved).ReplaceLineEndings("\n") == received)
        {
            File.Delete(approved + ".received");
            return;
        }

        File.WriteAllText(approved + ".received", received);
        Assert.Fail($"{name} is not as approved. Compare it with {approved}.received; if that is what is meant, move it over {name}.");
    }
}
