namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>The private cluster cannot be had. The message says what is wrong and what the operator can do about it.</summary>
public sealed class PrivateClusterException(string message, Exception? inner = null) : Exception(message, inner);
