using Inventory.Slices.Hosting;
using Wolverine.Http;

namespace Inventory.Slices.Insight;

/// <summary>Shows what happens to each command when it meets events that its caller has not seen.</summary>
public static class ConflictPoliciesEndpoint
{
    [WolverineGet("/conflict-policies")]
    [Shows("List what happens to each command when it meets events its caller has not seen", typeof(PolicyMatrix))]
    public static IResult Get() => TypedResults.Json(PolicyMatrix.Current, HttpJson.Options);
}
