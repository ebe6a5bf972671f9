"""Who held it, provably: canonical bytes, Merkle log, rules, ledger, audit."""
