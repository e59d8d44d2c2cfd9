using System.Security.Cryptography;

namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>The one password of the cluster: in a file that only the service may read, never on a command line or in a log.</summary>
internal static class ClusterPassword
{
    private const int Bytes = 32;

    internal static string ReadOrMake(ClusterPlace place)
    {
        if (File.Exists(place.PasswordFile)) return File.ReadAllText(place.PasswordFile).Trim();
        if (place.DataMajor() is not null)
            throw new PrivateClusterException(
                $"The password of the cluster in {place.Home} is missing. Put {place.PasswordFile} back from a backup, "
                + $"or move {place.Home} away to begin with a new cluster.");
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
        PrivateFiles.Write(place.PasswordFile, password, secret: true);
        return password;
    }
}
