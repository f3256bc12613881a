using Inventory.Conflicts;
using Inventory.Slices.Products;

namespace Inventory.Slices.Hosting;

/// <summary>
/// Takes one HTTP request through the steps every command shares: read the body, check its shape, read what the
/// caller saw, find the product, send the command, answer how it ended.
/// </summary>
public sealed class CommandRequest(
    IHttpContextAccessor accessor, ProductAddresses addresses, CommandSender<Product> sender, TimeProvider clock)
{
    private readonly HttpContext _http =
        accessor.HttpContext ?? throw new InvalidOperationException("CommandRequest works inside an HTTP request only.");

    /// <summary>Changes an existing product.</summary>
    /// <param name="product">The product as the path names it.</param>
    /// <param name="bind">Makes the command of the product's id and the body, and checks the body's shape.</param>
    public async Task<IResult> ChangeAsync<TBody>(string product, Func<Guid, TBody, Shape, object> bind) where TBody : class
    {
        ArgumentNullException.ThrowIfNull(bind);
        var (body, context, problem) = await ReadAsync<TBody>();
        if (problem is not null)
        {
            return problem;
        }

        var (id, notFound) = await addresses.ResolveAsync(product, _http.RequestAborted);
        if (notFound is not null)
        {
            return notFound;
        }

        var shape = new Shape();
        return await SendAsync(product, id, bind(id, body!, shape), shape, context);
    }

    /// <summary>Creates a product.</summary>
    /// <param name="bind">Makes the id and the command of a fresh id and the body, and checks the body's shape.</param>
    public async Task<IResult> CreateAsync<TBody>(Func<Guid, TBody, Shape, (Guid Id, object Command)> bind) where TBody : class
    {
        ArgumentNullException.ThrowIfNull(bind);
        var (body, context, problem) = await ReadAsync<TBody>();
        if (problem is not null)
        {
            return problem;
        }

        if (context.Precondition != Precondition.None)
        {
            return Problem.Malformed("A product that does not exist yet has no version: leave If-Match and Seen-Version out.");
        }

        var shape = new Shape();
        var (id, command) = bind(NewId(), body!, shape);
        return await SendAsync(id.ToString(), id, command, shape, context);
    }

    /// <summary>Changes several products, all or none.</summary>
    /// <param name="bind">Makes the command of the body, and checks its shape.</param>
    public async Task<IResult> ChangeManyAsync<TBody>(Func<TBody, Shape, ICommandOnMany<Product>> bind) where TBody : class
    {
        ArgumentNullException.ThrowIfNull(bind);
        var (body, context, problem) = await ReadAsync<TBody>();
        if (problem is not null)
        {
            return problem;
        }

        if (context.Precondition != Precondition.None)
        {
            return Problem.Malformed("Several products have no version in common: leave If-Match and Seen-Version out.");
        }

        var shape = new Shape();
        var command = bind(body!, shape);
        return shape.Problem as IResult ?? CommandAnswer.Of(await sender.SendToManyAsync(command, context));
    }

    /// <summary>Reads the body and the headers. Without a problem there is a body.</summary>
    private async Task<(TBody? Body, CommandContext Context, Problem? Problem)> ReadAsync<TBody>() where TBody : class
    {
        var (bytes, problem) = await RequestBody.ReadAsync(_http.Request);
        var (body, unreadable) = bytes is null ? (null, problem) : RequestBody.Parse<TBody>(bytes);
        var precondition = ConditionHeaders.Read(_http.Request.Headers, out var fault);
        var actor = Actors.Of(_http.Request, ref fault);
        var key = IdempotencyKeys.Of(_http.Request, bytes, ref fault);
        var context = new CommandContext(actor, NewId(), precondition) { Key = key, TraceId = Problem.TraceIdOf(_http) };
        return (body, context, unreadable ?? (fault is null ? null : Problem.Malformed(fault)));
    }

    private async Task<IResult> SendAsync(string product, Guid id, object command, Shape shape, CommandContext context) =>
        shape.Problem as IResult ?? CommandAnswer.Of(product, command, await sender.SendAsync(id, command, context));

    /// <summary>A fresh id. Ids that grow with time keep the indexes compact.</summary>
    public Guid NewId() => Guid.CreateVersion7(clock.GetUtcNow());
}
