// The parts that messages of CBS.log are made of: results, labelled fields, CSI strings.
#ifndef SERVICING_CBS_LOG_MESSAGE_FIELDS_H_
#define SERVICING_CBS_LOG_MESSAGE_FIELDS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace patchgate::cbs {

// "0x" and exactly eight hex digits (or fewer, of at least one, where `any_width`) at the front of
// `text`, with no further digit behind them; nullopt otherwise, so that a number cut short by the
// end of a file is no number.
absl::optional<uint32_t> ParseHex32(absl::string_view text, bool any_width = false);

// The code of the "[HRESULT = 0x80070bc2 - NAME]" that ends the message. nullopt if there is none.
absl::optional<uint32_t> ResultOf(absl::string_view message);

// The code in the "[HRESULT = …]" or "[gle=…]" that ends the message.
absl::optional<uint32_t> ResultOrGleOf(absl::string_view message);

// The message without the bracket that ResultOf reads, and without blanks around it.
absl::string_view WithoutResult(absl::string_view message);

// The text behind the first `label`, up to the next ", " or the end of the message without its
// result: FieldOf("Session: 1_2, Package: P [HRESULT = …]", "Package: ") is "P". nullopt if the
// label is not there.
absl::optional<absl::string_view> FieldOf(absl::string_view message, absl::string_view label);

// A decimal number at the front of `text`; nullopt if there is none or it does not fit.
absl::optional<uint32_t> ParseDecimal(absl::string_view text);

// The first CSI string in `text`, in new syntax "[l:13 ml:14]'x'" or old "[l:26{13}]\"x\"" or
// "[ml:26{13},l:24{12}]\"x\"" (DOMAIN §11.1); nullopt if there is none. Its end is the quote mark:
// a length is not believed.
absl::optional<absl::string_view> CsiStringOf(absl::string_view text);

// `text` as valid UTF-8 of at most `max_bytes`, cut between characters.
std::string Clean(absl::string_view text, size_t max_bytes = 512);

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_LOG_MESSAGE_FIELDS_H_
