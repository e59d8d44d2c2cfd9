using LearningLedger.Integrity;
using LearningLedger.Service.Host;

namespace LearningLedger.Service.Log;

/// <summary>Policy files (C2SP tlog-policy) that settings name.</summary>
public static class TrustFile
{
    /// <summary>Reads one.</summary>
    /// <exception cref="LedgerStartException">It is missing or not a policy.</exception>
    public static TrustPolicy Read(string file, string setting)
    {
        try
        {
            return TrustPolicy.Parse(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is NoteException or IOException or UnauthorizedAccessException)
        {
            throw new LedgerStartException($"{setting} names {file}, which cannot be used: {e.Message}", e);
        }
    }
}
