using LearningLedger.Integrity;

namespace LearningLedger.Tests.Integrity;

/// <summary>Keys made for tests from a number.</summary>
internal static class Keys
{
    public static SigningKey Log(string origin, int number = 200) => new(origin, SignatureType.Ed25519, Seed(number));

    public static SigningKey Receipts(string origin, int number = 201) => new(Receipt.KeyName(origin), SignatureType.Ed25519, Seed(number));

    public static SigningKey Witness(string name, int number = 202) => new(name, SignatureType.Cosignature, Seed(number));

    private static byte[] Seed(int number) => [.. Enumerable.Repeat((byte)number, 32)];
}
