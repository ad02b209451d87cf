// Dates as Windows' logs write them, without a zone.
#ifndef SERVICING_BASE_LOG_TIME_H_
#define SERVICING_BASE_LOG_TIME_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/base/filetime.h"

namespace patchgate {

// The date and time that `text` begins with, as ticks of whatever clock wrote it: "2023-05-23
// 10:02:36", with '-', '/' or, before the hour, 'T' between the parts ("2009/07/22/10:31:45"), and
// with milliseconds where ".451" or ":451" follows. Month, day, hour and the rest have two digits,
// or one where a separator ends them ("2023/5/23:16:17:23.693"). nullopt for anything else, a day
// that its month does not have included. Cost: no allocation.
absl::optional<FileTime> ParseLogTime(absl::string_view text);

}  // namespace patchgate

#endif  // SERVICING_BASE_LOG_TIME_H_
