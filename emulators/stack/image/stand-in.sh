#!/bin/sh
# `stand-in cluster|mongo|llm OPTIONS`: one of the stand-ins, as process 1.
name=$1
shift
exec "/app/node_modules/.bin/emulator-$name" "$@"
