// The error codes that servicing reports, by name (DOMAIN §6), compiled into the program.
#ifndef MANIFESTS_HRESULTS_H_
#define MANIFESTS_HRESULTS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "manifests/hresult.pb.h"

namespace patchgate {

// The built-in table, by code. It is parsed at the first call, about 160 records, and lives to the
// end of the program; any number of threads may call this. Empty if it does not parse, which a test
// rules out.
const HresultTable& Hresults();

// Parses the built-in table; an error says what is wrong with it.
absl::StatusOr<HresultTable> LoadBuiltInHresults();

// A table from its text. kInvalidArgument with line and column, or if the codes are not unique and
// in order.
absl::StatusOr<HresultTable> ParseHresults(absl::string_view text);

// The HRESULT or NTSTATUS `code`; null if it is not in the table. Never a bug check: their numbers
// are those of other errors.
const HresultRecord* FindHresult(uint32_t code);

// The bug check `code`, 0xED; null if it is not in the table.
const HresultRecord* FindBugCheck(uint32_t code);

// The record with this name, whatever its kind, or with this as one of its other names; without
// regard to case. Null if there is none.
const HresultRecord* FindHresultByName(absl::string_view name);

// "0x800f0922 (CBS_E_INSTALLERS_FAILED)"; only the number where no name is known.
std::string HresultText(uint32_t code);

}  // namespace patchgate

#endif  // MANIFESTS_HRESULTS_H_
