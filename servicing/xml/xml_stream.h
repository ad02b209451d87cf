// Streaming XML: events to a handler, no tree, no DTD, bounded depth. Expat does the parsing.
#ifndef SERVICING_XML_XML_STREAM_H_
#define SERVICING_XML_XML_STREAM_H_

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace patchgate::xml {

struct Attribute {
  absl::string_view name;  // UTF-8, valid during the call.
  absl::string_view value;
};

// The value of the attribute `name` (exact spelling); nullopt if there is none.
absl::optional<absl::string_view> Find(const std::vector<Attribute>& attributes,
                                       absl::string_view name);

class Handler {
 public:
  virtual ~Handler() = default;
  // Return false to stop parsing; that is no error.
  virtual bool OnStart(absl::string_view element, const std::vector<Attribute>& attributes) = 0;
  virtual bool OnEnd(absl::string_view /*element*/) { return true; }
  // Text between tags, UTF-8, entities resolved: in pieces of any size, white space included.
  // Called only if wants_text() said so when the parse began.
  virtual void OnText(absl::string_view /*text*/) {}
  virtual bool wants_text() const { return false; }
  // The first `size` bytes of the input are not looked at again. Called every 64 KiB.
  virtual void OnConsumed(size_t /*size*/) {}
};

// Elements nested deeper than this are refused; servicing XML stays below 20.
inline constexpr int kMaxDepth = 128;

// Parses `bytes` (UTF-8, UTF-16 or what its declaration says). Memory: one element and its
// attributes. kInvalidArgument, with line and byte offset, for malformed XML, a document type
// declaration or nesting beyond kMaxDepth.
absl::Status Parse(absl::string_view bytes, Handler* handler);

}  // namespace patchgate::xml

#endif  // SERVICING_XML_XML_STREAM_H_
