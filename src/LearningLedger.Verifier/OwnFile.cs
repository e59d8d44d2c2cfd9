using System.Text;

namespace LearningLedger.Verifier;

/// <summary>Files a monitor keeps: for their owner only, and whole or not there.</summary>
internal static class OwnFile
{
    /// <summary>Puts content in the place of whatever the file held: a start after a crash finds the one or the other.</summary>
    public static void Write(FileInfo file, params ReadOnlySpan<byte[]> parts)
    {
        file.Directory!.Create();
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var draft = $"{file.FullName}.{Guid.NewGuid():N}.new";
        using (var stream = new FileStream(draft, options))
        {
            foreach (var part in parts)
            {
                stream.Write(part);
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, file.FullName, overwrite: true);
    }

    /// <summary>The same for a text.</summary>
    public static void Write(FileInfo file, string text) => Write(file, Encoding.UTF8.GetBytes(text));
}
