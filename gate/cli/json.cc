#include "gate/cli/json.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "servicing/base/filetime.h"

namespace patchgate::cli {
namespace {

// Protobuf prints a FILETIME as a number in quotes. Within a string of JSON a quote stands behind a
// backslash, so what looks like the end of this key is one.
std::string WithDates(absl::string_view json) {
  constexpr absl::string_view kKeyEnd = "filetime\": \"";
  std::string out;
  out.reserve(json.size());
  for (;;) {
    const size_t key = json.find(kKeyEnd);
    if (key == absl::string_view::npos) break;
    const size_t begin = key + kKeyEnd.size();
    const size_t end = json.find('"', begin);
    FileTime time = 0;
    absl::StrAppend(&out, json.substr(0, begin));
    if (end != absl::string_view::npos &&
        absl::SimpleAtoi(json.substr(begin, end - begin), &time)) {
      absl::StrAppend(&out, FormatFileTime(time));
      json.remove_prefix(end);
    } else {
      json.remove_prefix(begin);
    }
  }
  return absl::StrCat(out, json);
}

}  // namespace

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) return absl::InternalError(status.ToString());
  if (!absl::EndsWith(json, "\n")) json.push_back('\n');
  return WithDates(json);
}

}  // namespace patchgate::cli
