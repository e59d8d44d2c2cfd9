using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("LearningLedger.Tests")]
