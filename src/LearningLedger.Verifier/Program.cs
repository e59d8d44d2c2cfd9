using LearningLedger.Verifier;

return LedgerVerify.Root().Parse(args).Invoke();
