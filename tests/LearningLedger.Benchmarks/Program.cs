using LearningLedger.Benchmarks;
using LearningLedger.Benchmarks.Load;

// Two verbs are for the benchmark itself: it starts itself as the load generator and as the server it compares with.
return args switch
{
    ["load"] => await LoadGenerator.RunAsync(),
    ["marten-server", var connectionString, var url] => await MartenServer.RunAsync(connectionString, url),
    _ => await Benchmarks.RunAsync(args),
};
