// The documentation records of the checks, compiled into the program.
#ifndef MANIFESTS_CATALOG_H_
#define MANIFESTS_CATALOG_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "manifests/check.pb.h"

namespace patchgate {

class Catalog {
 public:
  // By id. kInvalidArgument if two records have one id.
  static absl::StatusOr<Catalog> FromRecords(std::vector<CheckRecord> records);

  absl::Span<const CheckRecord> records() const { return records_; }  // Sorted by id.
  const CheckRecord* Find(absl::string_view id) const;                // Null if there is none.

 private:
  std::vector<CheckRecord> records_;
};

// The records of manifests/checks. An error means that a record there does not parse.
absl::StatusOr<Catalog> LoadBuiltInCatalog();

// One record from its text. kInvalidArgument with line, column and, for an unknown field, the
// nearest field name.
absl::StatusOr<CheckRecord> ParseCheckRecord(absl::string_view text);

}  // namespace patchgate

#endif  // MANIFESTS_CATALOG_H_
