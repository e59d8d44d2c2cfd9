using System.Security.Cryptography;

namespace LearningLedger.Tables;

/// <summary>Files only their owner may read.</summary>
public static class SecretFile
{
    /// <summary>Bytes of a key.</summary>
    public const int KeyBytes = 32;

    /// <summary>The key in a file of 64 hex digits, made when there is none.</summary>
    /// <exception cref="InvalidOperationException">The file holds something else.</exception>
    public static byte[] Key(string file)
    {
        if (!File.Exists(file))
        {
            Write(file, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes)) + "\n");
        }

        var text = File.ReadAllText(file).Trim();
        return text.Length == 2 * KeyBytes && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw new InvalidOperationException($"The key file {file} must hold 64 hex digits.");
    }

    /// <summary>Writes a new file with mode 0600, its folder with 0700; flushed to disk before it gets its name.</summary>
    /// <exception cref="IOException">There is one already.</exception>
    public static void Write(string file, string text) => Place(file, text, overwrite: false);

    /// <summary>The same, in the place of whatever the file held: a reader, or a start after a crash, finds the one or the other.</summary>
    public static void Replace(string file, string text) => Place(file, text, overwrite: true);

    private static void Place(string file, string text, bool overwrite)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var draft = $"{file}.{Guid.NewGuid():N}.new";
        using (var stream = new FileStream(draft, options))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, file, overwrite);
    }
}
