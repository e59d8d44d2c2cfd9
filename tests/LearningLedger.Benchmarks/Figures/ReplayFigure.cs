using System.Buffers;
using System.CommandLine;
using System.Diagnostics;
using LearningLedger.Integrity;
using LearningLedger.Verifier;

namespace LearningLedger.Benchmarks.Figures;

/// <summary><c>ledger-verify log</c> over a copied log, with heads every 10,000 leaves.</summary>
internal sealed class ReplayFigure() : Figure("replay")
{
    private const int LeavesAStream = 50;
    private const int LeavesBetweenHeads = 10_000;

    /// <inheritdoc/>
    public override Task TakeAsync(Bench bench, Report report, CancellationToken cancellation)
    {
        var folder = bench.File("log");
        Write(folder, bench.Size.ProjectedEvents);
        var rounds = new List<double>();
        for (var i = 0; i <= bench.Size.Rounds; i++)
        {
            var output = new StringWriter();
            var began = Stopwatch.GetTimestamp();
            var code = LedgerVerify.Root().Parse(["log", folder, "--policy", Path.Combine(folder, "policy")]).Invoke(new InvocationConfiguration { Output = output, Error = output });
            var rate = bench.Size.ProjectedEvents / Stopwatch.GetElapsedTime(began).TotalSeconds;
            if (code != 0)
            {
                throw new CheckFailedException(output.ToString());
            }

            if (i > 0) // the first warms up
            {
                rounds.Add(rate);
            }
        }

        Directory.Delete(folder, recursive: true);
        report.AtLeast(Name, rounds, "leaves/s", 300_000);
        return Task.CompletedTask;
    }

    private static void Write(string folder, int size)
    {
        using var key = new SigningKey("bench.example/log", SignatureType.Ed25519, new byte[Ed25519.KeyBytes]);
        var (edge, heads, bundle) = (new TreeEdge(), new HeadsTree(), new ArrayBufferWriter<byte>());
        var (ends, buckets, changed) = (new Dictionary<int, StreamHead>(), new Dictionary<int, byte[]>(), new HashSet<int>());
        var random = new Random(1);
        for (var index = 0; index < size; index++)
        {
            var leaf = index % LeavesBetweenHeads == LeavesBetweenHeads - 1 ? Heads(index) : Event(index);
            edge.Append(TreeHash.Leaf(leaf));
            EntryBundle.Write(bundle, leaf);
            if (edge.Size % TileId.FullWidth == 0 || edge.Size == size)
            {
                Save(new TileId(0, index / TileId.FullWidth, (index % TileId.FullWidth) + 1).EntriesPath, bundle.WrittenSpan);
                bundle.ResetWrittenCount();
            }
        }

        foreach (var tile in edge.TakeTiles())
        {
            Save(tile.Id.Path, tile.Hashes);
        }

        Save("checkpoint", System.Text.Encoding.UTF8.GetBytes(new Checkpoint(key.Verifier.Name, size, edge.Root()).Sign(key).ToString()));
        Save("policy", System.Text.Encoding.UTF8.GetBytes($"log {key.Verifier}\nquorum none\n"));

        byte[] Event(int index)
        {
            var stream = random.Next(1 + (size / LeavesAStream));
            ends[stream] = new StreamHead(ends.GetValueOrDefault(stream).Version + 1, index);
            changed.Add(stream);
            return new EventLeaf(
                DateTimeOffset.UnixEpoch.AddMilliseconds(index), TreeHash.Empty, PayloadEncoding.Jcs, Id(index), EventLeafKind.Event, ends[stream].Version, Id(stream), "bench",
                "skill.attempted").Bytes();
        }

        byte[] Heads(int index)
        {
            foreach (var stream in changed)
            {
                var bucket = HeadsBucket.Of(Id(stream));
                heads.Set(bucket, buckets[bucket] = HeadsBucket.With(buckets.GetValueOrDefault(bucket, []), Id(stream), ends[stream]));
            }

            changed.Clear();
            return new HeadsLeaf(DateTimeOffset.UnixEpoch.AddMilliseconds(index), "bench", index, heads.Root(), ends.Count).Bytes();
        }

        static Guid Id(int number) => new(number, 0, 0, new byte[8]);

        void Save(string path, ReadOnlySpan<byte> bytes)
        {
            var file = new FileInfo(Path.Combine(folder, path));
            file.Directory!.Create();
            File.WriteAllBytes(file.FullName, bytes);
        }
    }
}
