using System.Security.Cryptography;
using System.Text;
using CsCheck;
using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity;

public class Sha256Tests
{
    /// <summary>RFC 4231, sections 4.2 to 4.5: the test cases whose key fits a block.</summary>
    [Theory]
    [InlineData("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
    [InlineData("4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")]
    [InlineData(
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")]
    [InlineData(
        "0102030405060708090a0b0c0d0e0f10111213141516171819",
        "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b")]
    public void Macs_are_those_of_RFC_4231(string key, string input, string mac)
    {
        var made = new byte[Sha256.Size];
        Sha256.Hmac(Convert.FromHexString(key), Convert.FromHexString(input), made);

        Assert.Equal(mac, Convert.ToHexStringLower(made));
    }

    [Fact]
    public void Hashes_and_macs_are_those_of_the_runtime() =>
        Gen.Select(Gen.Byte.Array[0, 64], Gen.OneOf(Gen.Byte.Array[0, 2_000], Gen.Byte.Array[8_000, 9_000])).Sample((key, input) =>
        {
            var (hash, mac) = (new byte[Sha256.Size], new byte[Sha256.Size]);
            Sha256.Of(input, hash);
            Sha256.Hmac(key, input, mac);
            Assert.Equal(SHA256.HashData(input), hash);
            Assert.Equal(HMACSHA256.HashData(key, input), mac);
        });

    [Fact]
    public void A_key_longer_than_a_block_is_refused() =>
        Assert.Throws<ArgumentException>(() => Sha256.Hmac(new byte[65], Encoding.ASCII.GetBytes("x"), new byte[Sha256.Size]));
}
