using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("LearningLedger.Service.Tests")]
