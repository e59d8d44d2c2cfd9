namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>Tests of decisions share one service; they run one after the other, each in a tenant of its own.</summary>
[CollectionDefinition(Name)]
public sealed class DecisionCollection : ICollectionFixture<LedgerFixture>
{
    internal const string Name = "Decisions";
}
