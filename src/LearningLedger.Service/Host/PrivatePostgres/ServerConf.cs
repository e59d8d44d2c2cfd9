using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace LearningLedger.Service.Host.PrivatePostgres;

/// <summary>The server's settings. <c>postgresql.conf</c> includes this file last; it is written anew at every start.</summary>
internal static partial class ServerConf
{
    /// <summary>The line at the end of <c>postgresql.conf</c>; the path counts from there, so the home may move.</summary>
    internal const string Include = "include '../server.conf'";

    private static readonly Dictionary<string, string> Defaults = new()
    {
        ["max_connections"] = "200",
        ["shared_buffers"] = "256MB",
        ["max_wal_size"] = "2GB",
        ["wal_compression"] = "on",
        ["idle_in_transaction_session_timeout"] = "5min", // a forgotten transaction would hold its locks for ever
        ["fsync"] = "on",
        // The details of an error name the values of its row, and the log outlives an erasure.
        ["log_error_verbosity"] = "terse",
        ["log_line_prefix"] = "%m [%p] ",
        ["cluster_name"] = "learningledger",
    };

    internal static void Write(ClusterPlace place, int port, IReadOnlyDictionary<string, string> more)
    {
        // These make the cluster private and its answers independent of the machine; they come last and so win.
        KeyValuePair<string, string>[] firm =
        [
            new("listen_addresses", "127.0.0.1"),
            new("unix_socket_directories", ""),
            new("port", port.ToString(CultureInfo.InvariantCulture)),
            new("password_encryption", "scram-sha-256"),
            new("timezone", "UTC"),
            new("log_timezone", "UTC"),
            new("logging_collector", "off"),
        ];
        var text = new StringBuilder("# Written by LearningLedger at every start.\n");
        foreach (var (name, value) in Defaults.Concat(more).Concat(firm))
        {
            if (!Name().IsMatch(name) || value.AsSpan().ContainsAny('\n', '\r', '\0'))
                throw new PrivateClusterException($"'{name}' = '{value}' is not a server setting. Correct or remove it.");
            text.Append(CultureInfo.InvariantCulture, $"{name} = '{value.Replace(@"\", @"\\").Replace("'", "''")}'\n");
        }

        PrivateFiles.Write(place.Conf, text.ToString());
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$")]
    private static partial Regex Name();
}
