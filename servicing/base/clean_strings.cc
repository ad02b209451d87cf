#include "servicing/base/clean_strings.h"

#include <vector>

#include "servicing/base/utf16.h"

namespace patchgate {

void CleanStrings(google::protobuf::Message* message) {
  using google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection->FieldSize(*message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        CleanStrings(field->is_repeated() ? reflection->MutableRepeatedMessage(message, field, i)
                                          : reflection->MutableMessage(message, field));
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        if (field->is_repeated()) {
          reflection->SetRepeatedString(
              message, field, i, CleanUtf8(reflection->GetRepeatedString(*message, field, i)));
        } else {
          reflection->SetString(message, field, CleanUtf8(reflection->GetString(*message, field)));
        }
      }
    }
  }
}

}  // namespace patchgate
