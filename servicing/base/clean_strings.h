// Names on a foreign disk may hold any bytes; a protocol buffer holds valid UTF-8 only, and would
// not parse back otherwise.
#ifndef SERVICING_BASE_CLEAN_STRINGS_H_
#define SERVICING_BASE_CLEAN_STRINGS_H_

#include "google/protobuf/message.h"

namespace patchgate {

// CleanUtf8 on every string field of `message` and of the messages in it.
void CleanStrings(google::protobuf::Message* message);

}  // namespace patchgate

#endif  // SERVICING_BASE_CLEAN_STRINGS_H_
