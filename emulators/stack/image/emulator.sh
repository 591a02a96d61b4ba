#!/bin/sh
# `emulator cluster|mongo|llm OPTIONS`: one of the emulators, as process 1.
name=$1
shift
exec "/app/node_modules/.bin/emulator-$name" "$@"
