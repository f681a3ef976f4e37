#!/bin/bash
# not committed
cd /work/wt-ledger && git rebase -q main && cd /work/main && git merge -q --ff-only ledger && git log --oneline -1
