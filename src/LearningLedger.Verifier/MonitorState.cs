using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LearningLedger.Integrity;

namespace LearningLedger.Verifier;

/// <summary>What a monitor remembers of a log: the last checkpoint that it found good, and the replay up to there.</summary>
/// <remarks>
/// The file is a line <c>ledger-verify monitor 1 N H</c>, the N bytes of the signed checkpoint, and the replay's snapshot; H is SHA-256 over all behind the line. It finds
/// damage, not lies: whoever can write the file decides what the monitor believes.
/// </remarks>
/// <param name="Note">The checkpoint, with its cosignatures.</param>
/// <param name="Replay">All leaves it covers.</param>
internal sealed record MonitorState(SignedNote Note, LogReplay Replay)
{
    private const string FirstLine = "ledger-verify monitor 1 ";

    /// <summary>Reads a state; null if there is no such file yet.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static MonitorState? Read(FileInfo file, TimeSpan patience)
    {
        if (!File.Exists(file.FullName))
        {
            return null;
        }

        var bytes = File.ReadAllBytes(file.FullName);
        var end = Array.IndexOf(bytes, (byte)'\n');
        var line = end < 0 ? "" : Encoding.Latin1.GetString(bytes, 0, end);
        var words = line.StartsWith(FirstLine, StringComparison.Ordinal) ? line[FirstLine.Length..].Split(' ') : [];
        var rest = bytes.AsSpan(end + 1);
        if (words.Length != 2 || !int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > rest.Length
            || words[1] != Convert.ToHexStringLower(SHA256.HashData(rest)))
        {
            throw new InvalidDataException($"{file.Name} is not a monitor's state, or damaged. Bring back a copy; without one the monitor starts anew with another file, and knows nothing of before.");
        }

        return new MonitorState(SignedNote.Parse(rest[..length]), LogReplay.Resume(rest[length..].ToArray(), patience));
    }

    /// <summary>Writes it.</summary>
    public void Write(FileInfo file)
    {
        var note = Encoding.UTF8.GetBytes(Note.ToString());
        var snapshot = Replay.Snapshot();
        byte[] rest = [.. note, .. snapshot];
        var line = string.Create(CultureInfo.InvariantCulture, $"{FirstLine}{note.Length} {Convert.ToHexStringLower(SHA256.HashData(rest))}\n");
        OwnFile.Write(file, Encoding.ASCII.GetBytes(line), rest);
    }
}
