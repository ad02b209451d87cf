// Text-format protocol buffers with errors that a person can act on.
#ifndef MANIFESTS_TEXT_PROTO_H_
#define MANIFESTS_TEXT_PROTO_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace patchgate {

// Parses `text` into `message`. kInvalidArgument names `what`, line, column and the problem; for an
// unknown field also the nearest field name.
absl::Status ParseTextProto(absl::string_view what, absl::string_view text,
                            google::protobuf::Message* message);

}  // namespace patchgate

#endif  // MANIFESTS_TEXT_PROTO_H_
