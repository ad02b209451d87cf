#!/bin/sh
# The system's protobuf compiler, as a Bazel tool. tools/setup checks that its version is that of the runtime.
exec /usr/bin/protoc "$@"
