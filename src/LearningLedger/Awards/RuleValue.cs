using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LearningLedger.Awards;

/// <summary>A number or a word, written as a JSON number or string.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct RuleValue
{
    private readonly decimal number;
    private readonly string? word;

    private RuleValue(decimal number, string? word) => (this.number, this.word) = (number, word);

    /// <summary>A number.</summary>
    public static implicit operator RuleValue(decimal number) => new(number, null);

    /// <summary>A count.</summary>
    public static implicit operator RuleValue(int number) => new(number, null);

    /// <summary>A word.</summary>
    public static implicit operator RuleValue(string word) => new(0, word);

    /// <summary>As a person reads it.</summary>
    public override string ToString() => word ?? PlainNumber.Of(number).ToString(CultureInfo.InvariantCulture);

    private sealed class Converter : JsonConverter<RuleValue>
    {
        public override RuleValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String ? reader.GetString()! : reader.GetDecimal();

        public override void Write(Utf8JsonWriter writer, RuleValue value, JsonSerializerOptions options)
        {
            if (value.word is { } word)
            {
                writer.WriteStringValue(word);
            }
            else
            {
                writer.WriteNumberValue(PlainNumber.Of(value.number));
            }
        }
    }
}
