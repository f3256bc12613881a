using Inventory.LocalPostgres;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Inventory.Slices.Hosting;

/// <summary>The service will not start as it is configured; the message says what to change.</summary>
public sealed class StartRefusedException(string message) : Exception(message)
{
    /// <summary>
    /// What to tell a person about a failed start, when it is something they can mend; null when it is a defect, whose stack
    /// trace is needed.
    /// </summary>
    public static string? Explain(Exception exception) => exception switch
    {
        StartRefusedException or LocalPostgresException => exception.Message,
        OptionsValidationException wrong => string.Join(" ", wrong.Failures),
        IOException { InnerException: AddressInUseException } =>
            exception.Message + " Another copy of the service may be running. Stop it, or choose another address: --urls http://127.0.0.1:5081",
        NpgsqlException => $"The database cannot be used: {exception.Message} Check ConnectionStrings__{Database.ConnectionStringName}.",
        { InnerException: { } inner } => Explain(inner),
        _ => null,
    };
}
