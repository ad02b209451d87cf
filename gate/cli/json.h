// Protocol buffers as JSON for people and scripts.
#ifndef GATE_CLI_JSON_H_
#define GATE_CLI_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace patchgate::cli {

// Every field of the message, those that are not set included; times (fields named …filetime) as
// RFC 3339, "never" for 0. Ends with a newline.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message);

}  // namespace patchgate::cli

#endif  // GATE_CLI_JSON_H_
