#!/bin/sh
# What `.pre-commit-hooks.yaml` starts: the command line of this checkout, in the repository that is being committed to.
exec node "$(dirname "$0")/run.mjs" apps/cli/main.ts "$@"
