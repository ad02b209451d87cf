#include "gate/report/report.h"
#include "google/protobuf/util/json_util.h"

namespace patchgate::gate {

std::string JsonReport(const Verdict& verdict) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  // Fails only for types that protobuf does not know; these are compiled in.
  if (!google::protobuf::util::MessageToJsonString(verdict, &json, options).ok()) json = "{}";
  if (json.back() != '\n') json.push_back('\n');
  return json;
}

}  // namespace patchgate::gate
