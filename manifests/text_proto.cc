#include "manifests/text_proto.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "manifests/nearest.h"

namespace patchgate {
namespace {

// Keeps the first error; the ones after it follow from it.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (!text_.empty()) return;
    text_ = absl::StrCat("line ", line + 1, ", column ", column + 1, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Field names of a message type and of all that it contains.
void CollectFieldNames(const google::protobuf::Descriptor* type, std::set<std::string>* seen_types,
                       std::vector<std::string>* names) {
  if (!seen_types->insert(type->full_name()).second) return;
  for (int i = 0; i < type->field_count(); ++i) {
    names->push_back(type->field(i)->name());
    if (type->field(i)->message_type() != nullptr) {
      CollectFieldNames(type->field(i)->message_type(), seen_types, names);
    }
  }
}

// The field in 'Message type "x" has no field named "y".'; empty if the error is another one.
std::string UnknownField(const std::string& error) {
  constexpr absl::string_view kMarker = "has no field named \"";
  const size_t at = error.find(kMarker.data());
  if (at == std::string::npos) return "";
  const size_t start = at + kMarker.size();
  return error.substr(start, error.find('"', start) - start);
}

}  // namespace

absl::Status ParseTextProto(absl::string_view what, absl::string_view text,
                            google::protobuf::Message* message) {
  google::protobuf::TextFormat::Parser parser;
  FirstError error;
  parser.RecordErrorsTo(&error);
  if (parser.ParseFromString(std::string(text), message)) return absl::OkStatus();
  std::string hint;
  if (const std::string unknown = UnknownField(error.text()); !unknown.empty()) {
    std::vector<std::string> names;
    std::set<std::string> seen_types;
    CollectFieldNames(message->GetDescriptor(), &seen_types, &names);
    hint = DidYouMean(unknown, names);
  }
  return absl::InvalidArgumentError(
      absl::StrCat(what, ": ", absl::StripSuffix(error.text(), "."), hint));
}

}  // namespace patchgate
