using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity;

public class CanonicalJsonTests
{
    private static readonly string Vectors = Path.Combine(AppContext.BaseDirectory, "Vectors", "rfc8785-jcs");

    [Theory]
    [InlineData("arrays")]
    [InlineData("french")]
    [InlineData("structures")]
    [InlineData("unicode")]
    [InlineData("weird")]
    public void Writes_the_published_documents_byte_for_byte(string name)
    {
        var bytes = CanonicalJson.Bytes(File.ReadAllBytes(Path.Combine(Vectors, "input", name + ".json")));

        Assert.Equal(Published(name), Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Refuses_the_published_document_with_an_inexact_number_and_writes_it_once_that_is_exact()
    {
        var text = File.ReadAllText(Path.Combine(Vectors, "input", "values.json"));

        Assert.Equal("numbers[0]", Assert.Throws<CanonicalJsonException>(() => Canonical(text)).Path);
        Assert.Equal(Published("values"), Convert.ToHexStringLower(Bytes(text.Replace("333333333.33333329", "333333333.3333333"))));
    }

    [Fact]
    public void Prints_ten_thousand_published_doubles_as_ECMAScript_does()
    {
        var lines = File.ReadAllLines(Path.Combine(Vectors, "es6-numbers-10k.txt"));

        Assert.Equal(10_000, lines.Length);
        foreach (var line in lines.Select(l => l.Split(',')))
        {
            var bits = BitConverter.UInt64BitsToDouble(ulong.Parse(line[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            Assert.Equal(line[1], CanonicalJson.Number(bits));
            Assert.Equal(line[1], Canonical(line[1]));
        }
    }

    [Theory]
    [InlineData("0.1", "0.1")]
    [InlineData("1.0", "1")]
    [InlineData("1.00", "1")]
    [InlineData("1e2", "100")]
    [InlineData("1E+2", "100")]
    [InlineData("-0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("0e999999999999999999999", "0")]
    [InlineData("0.0000010", "0.000001")]
    [InlineData("0.0000001", "1e-7")]
    [InlineData("1e21", "1e+21")]
    [InlineData("100000000000000000000", "100000000000000000000")]
    [InlineData("9007199254740992", "9007199254740992")]
    [InlineData("5e-324", "5e-324")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157e+308")]
    public void Takes_numbers_whose_value_is_that_of_their_shortest_double(string number, string expected)
    {
        Assert.True(CanonicalJson.IsExact(number));
        Assert.Equal(expected, Canonical(number));
    }

    [Theory]
    [InlineData("0.10000000000000000001")]
    [InlineData("9007199254740993")]
    [InlineData("1e400")]
    [InlineData("-1e400")]
    [InlineData("1e-400")]
    [InlineData("1e99999999999999999999")]
    [InlineData("1e-99999999999999999999")]
    [InlineData("4e-324")]
    [InlineData("0.30000000000000000")]
    [InlineData("0.3000000000000000444")]
    public void Tells_by_value_not_by_spelling_which_numbers_a_double_cannot_carry(string number)
    {
        var exact = number == "0.30000000000000000"; // many digits, small value

        Assert.Equal(exact, CanonicalJson.IsExact(number));
        if (!exact)
        {
            Assert.Throws<CanonicalJsonException>(() => Canonical(number));
        }
    }

    [Theory]
    [InlineData("""{"a":1,"a":1}""", "a")]
    [InlineData("""{"x":{"a":1,"b":2,"\u0061":1}}""", "x.a")]
    [InlineData("""{"x":["\ud800"]}""", "x[0]")]
    [InlineData("""{"x":"a\udc00b"}""", "x")]
    [InlineData("""{"x":{"\ud83d":1}}""", "x")]
    [InlineData("""{"x":[{"y":0.10000000000000000001}]}""", "x[0].y")]
    [InlineData("1e400", "$")]
    public void Says_where_a_value_has_no_canonical_form(string json, string path) =>
        Assert.Equal(path, Assert.Throws<CanonicalJsonException>(() => Canonical(json)).Path);

    [Fact]
    public void Refuses_what_is_nested_deeper_than_64_levels_whoever_parsed_it()
    {
        var options = new JsonDocumentOptions { MaxDepth = 1_000 };
        using var deep = JsonDocument.Parse(new string('[', 70) + new string(']', 70), options);
        using var fine = JsonDocument.Parse(new string('[', 64) + new string(']', 64), options);

        Assert.Throws<CanonicalJsonException>(() => CanonicalJson.Bytes(deep.RootElement));
        Assert.Equal(128, CanonicalJson.Bytes(fine.RootElement).Length);
        Assert.ThrowsAny<JsonException>(() => Canonical(new string('[', 100_000)));
    }

    [Theory]
    [InlineData("1 2")]
    [InlineData("{} []")]
    [InlineData("")]
    [InlineData("[1,]")]
    [InlineData("01")]
    public void Refuses_what_is_not_one_JSON_value(string json) => Assert.ThrowsAny<JsonException>(() => Canonical(json));

    [Fact]
    public void Writes_a_long_text_of_quotes_in_linear_time()
    {
        var quotes = Encoding.UTF8.GetBytes($"\"{string.Concat(Enumerable.Repeat("\\\"", 4_000_000))}\"");

        Assert.Equal(quotes, CanonicalJson.Bytes(quotes));
    }

    [Fact]
    public void Prints_short_decimals_as_the_double_they_stand_for() =>
        Gen.Select(Gen.Long[-999_999_999_999_999, 999_999_999_999_999], Gen.Int[0, 20]).Sample((digits, places) =>
        {
            var text = (new decimal(digits) / (decimal)Math.Pow(10, places)).ToString("F" + places, CultureInfo.InvariantCulture);
            Assert.Equal(CanonicalJson.Number(double.Parse(text, CultureInfo.InvariantCulture)), Canonical(text));
        });

    [Fact]
    public void Is_its_own_canonical_form() =>
        Json.Sample(json =>
        {
            var once = Canonical(json);
            Assert.Equal(once, Canonical(once));
        });

    [Fact]
    public void Does_not_depend_on_the_order_of_members_or_white_space() =>
        Gen.Dictionary(Gen.String[Gen.Char['\u0001', '\uD7FF'], 0, 6], Gen.Double[-1e9, 1e9])[0, 8].Sample(members =>
        {
            var forward = JsonSerializer.Serialize(members, Indented);
            var backward = JsonSerializer.Serialize(members.Reverse().ToDictionary());
            Assert.Equal(Canonical(forward), Canonical(backward));
        });

    [Fact]
    public void Prints_every_finite_double_so_that_it_reads_back_the_same() =>
        Gen.Double.Where(double.IsFinite).Sample(value =>
        {
            var text = CanonicalJson.Number(value);
            Assert.True(CanonicalJson.IsExact(text));
            Assert.Equal(value, double.Parse(text, CultureInfo.InvariantCulture));
        });

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly Gen<string> Json = Gen.Recursive<string>((depth, self) =>
    {
        var leaf = Gen.OneOf(
            Gen.Const("null"),
            Gen.Bool.Select(b => b ? "true" : "false"),
            Gen.Double.Where(double.IsFinite).Select(d => d.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e")),
            Gen.Int.Select(i => i.ToString(CultureInfo.InvariantCulture)),
            Gen.String[Gen.Char['\0', '\uD7FF'], 0, 10].Select(s => JsonSerializer.Serialize(s)));
        return depth > 3
            ? leaf
            : Gen.OneOf(
                leaf,
                self.Array[0, 4].Select(items => $"[{string.Join(" , ", items)}]"),
                self.Array[0, 4].Select(items => "{" + string.Join(",\n", items.Select((item, i) => $"\"{(char)('z' - i)}\": {item}")) + "}"));
    });

    private static string Published(string name) =>
        string.Concat(File.ReadAllText(Path.Combine(Vectors, "outhex", name + ".txt")).Where(char.IsAsciiHexDigit));

    private static byte[] Bytes(string json) => CanonicalJson.Bytes(Encoding.UTF8.GetBytes(json));

    private static string Canonical(string json) => Encoding.UTF8.GetString(Bytes(json));
}
