return await LearningLedger.Service.Host.CommandLine.RunAsync(args);
