using System.Text.Json;
using Npgsql;
using Parquet;
using Parquet.Schema;

namespace LearningLedger.Service.Analytics;

/// <summary>Rows of a query as an Apache Parquet file, made in row groups of a fixed size: memory does not grow with the rows.</summary>
internal static class ParquetFile
{
    /// <summary>Rows held in memory at a time; about a kilobyte each at most.</summary>
    private const int RowGroup = 5_000;

    /// <summary>
    /// Writes a file that is gone once the stream is closed. A file and not the response: the format's end says where its parts lie, and a failure on
    /// the way can still be answered as one.
    /// </summary>
    internal static async Task<Stream> WriteAsync(NpgsqlConnection connection, string select, CancellationToken cancellation)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var file = new FileStream(Path.Combine(Path.GetTempPath(), $"ledger-export-{Guid.NewGuid():N}.parquet"), options);
        try
        {
            await using var command = new NpgsqlCommand(select, connection) { CommandTimeout = 0 };
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var columns = Enumerable.Range(0, reader.FieldCount).Select(i => Column(reader, i)).ToArray();
            await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(columns.Select(c => c.Field)), file, cancellationToken: cancellation))
            {
                var rows = 0;
                while (await reader.ReadAsync(cancellation))
                {
                    foreach (var column in columns)
                    {
                        column.Take(reader);
                    }

                    if (++rows % RowGroup == 0)
                    {
                        await FlushAsync(writer, columns, cancellation);
                    }
                }

                if (rows % RowGroup > 0 || rows == 0)
                {
                    await FlushAsync(writer, columns, cancellation);
                }
            }

            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private static async Task FlushAsync(ParquetWriter writer, ParquetColumn[] columns, CancellationToken cancellation)
    {
        using var group = writer.CreateRowGroup();
        foreach (var column in columns)
        {
            await column.FlushAsync(group, cancellation);
        }
    }

    private static ParquetColumn Column(NpgsqlDataReader reader, int index)
    {
        var name = reader.GetName(index);
        return reader.GetDataTypeName(index) switch
        {
            "uuid" => new ValueColumn<Guid>(new DataField(name, typeof(Guid), isNullable: true), index, (row, i) => row.GetGuid(i)),
            "bigint" => new ValueColumn<long>(new DataField(name, typeof(long), isNullable: true), index, (row, i) => row.GetInt64(i)),
            "integer" => new ValueColumn<int>(new DataField(name, typeof(int), isNullable: true), index, (row, i) => row.GetInt32(i)),
            "boolean" => new ValueColumn<bool>(new DataField(name, typeof(bool), isNullable: true), index, (row, i) => row.GetBoolean(i)),

            // Scores, rates and days have twelve decimals at most.
            "numeric" => new ValueColumn<decimal>(new DecimalDataField(name, 28, 12, isNullable: true), index, (row, i) => Math.Round(row.GetDecimal(i), 12)),
            "timestamp with time zone" => new ValueColumn<DateTime>(
                new DateTimeDataField(name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, unit: DateTimeTimeUnit.Micros, isNullable: true), index, (row, i) => row.GetDateTime(i)),
            "date" => new ValueColumn<DateTime>(new DateTimeDataField(name, DateTimeFormat.Date, isNullable: true), index, (row, i) => row.GetDateTime(i)),
            "text[]" => new TextColumn(new DataField(name, typeof(string)), index, (row, i) => JsonSerializer.Serialize(row.GetFieldValue<string[]>(i), LedgerJson.Options)),
            _ => new TextColumn(new DataField(name, typeof(string)), index, (row, i) => row.GetString(i)),
        };
    }

    private abstract class ParquetColumn(DataField field, int index)
    {
        public DataField Field { get; } = field;

        protected int Index { get; } = index;

        public abstract void Take(NpgsqlDataReader row);

        public abstract Task FlushAsync(ParquetRowGroupWriter group, CancellationToken cancellation);
    }

    // The room for a row group is taken once: made anew for each it would be large objects, which nobody collects for long.
    private sealed class ValueColumn<T>(DataField field, int index, Func<NpgsqlDataReader, int, T> read) : ParquetColumn(field, index)
        where T : struct
    {
        private readonly T?[] values = new T?[RowGroup];
        private int taken;

        public override void Take(NpgsqlDataReader row) => values[taken++] = row.IsDBNull(Index) ? null : read(row, Index);

        public override async Task FlushAsync(ParquetRowGroupWriter group, CancellationToken cancellation)
        {
            await group.WriteAsync<T>(Field, values.AsMemory(0, taken), cancellationToken: cancellation);
            taken = 0;
        }
    }

    /// <summary>Text; lists of codes as a JSON array.</summary>
    private sealed class TextColumn(DataField field, int index, Func<NpgsqlDataReader, int, string> read) : ParquetColumn(field, index)
    {
        private readonly string?[] values = new string?[RowGroup];
        private int taken;

        public override void Take(NpgsqlDataReader row) => values[taken++] = row.IsDBNull(Index) ? null : read(row, Index);

        public override async Task FlushAsync(ParquetRowGroupWriter group, CancellationToken cancellation)
        {
            await group.WriteAsync(Field, new ArraySegment<string>(values!, 0, taken));
            taken = 0;
        }
    }
}
