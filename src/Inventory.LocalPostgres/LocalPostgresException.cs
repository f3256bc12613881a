namespace Inventory.LocalPostgres;

/// <summary>The private server cannot be had; the message says what to do about it.</summary>
public sealed class LocalPostgresException(string message, Exception? innerException = null) : Exception(message, innerException);
