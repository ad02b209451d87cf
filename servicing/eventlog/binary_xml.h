// Walks the binary XML of one event record and calls a handler for what it finds, templates and
// substitutions resolved. Builds no tree, decodes no text and allocates nothing of its own except a
// stack of values; names and values are views of the chunk.
//
// Templates are walked where they lie, each time they are used. What a record can make the walker
// do is bounded by a budget, because a small record can name large templates and nest them.
#ifndef SERVICING_EVENTLOG_BINARY_XML_H_
#define SERVICING_EVENTLOG_BINARY_XML_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "servicing/eventlog/value.h"

namespace patchgate::eventlog {

// The name of an element or attribute, UTF-16LE as stored.
struct Name {
  absl::string_view utf16;

  // Whether it is this ASCII text, in this case.
  bool Is(absl::string_view ascii) const;
};

// What the walker reports, in document order. The pieces of an attribute's value follow
// OnAttribute, those of an element's text follow OnContent; a value may come in several pieces.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual void OnElement(Name name) = 0;
  virtual void OnAttribute(Name name) = 0;
  virtual void OnContent() = 0;  // The start tag ends here.
  virtual void OnValue(Value value) = 0;
  // Ends the element last begun. False: the rest of the record is not needed.
  virtual bool OnEnd() = 0;
};

// Work that may still be done, in bytes of binary XML and of the values that go into the handler.
using Budget = uint64_t;

class BinaryXmlWalker {
 public:
  // A real event nests four elements and one template inside another.
  static constexpr int kMaxElements = 64;
  static constexpr int kMaxFragments = 8;

  // Walks the binary XML in [begin, end) of a chunk, which names and templates are looked up in.
  // `*budget` is reduced by the work done.
  // Errors: kDataLoss with the structure, its offset in the chunk and the value, where it cannot be
  // read; kResourceExhausted where the budget ends. What was reported until then stands.
  // Cost: time in proportion to the budget used.
  absl::Status Walk(absl::string_view chunk, size_t begin, size_t end, XmlHandler* handler,
                    Budget* budget);

 private:
  struct Fragment;

  absl::Status WalkFragment(Fragment fragment);
  absl::Status OpenElement(const Fragment& fragment, size_t* pos);
  absl::Status Instantiate(const Fragment& fragment, size_t* pos);
  absl::Status Substitute(const Fragment& fragment, size_t pos);
  absl::Status InlineValue(const Fragment& fragment, size_t* pos);
  absl::Status ReadName(const Fragment& fragment, size_t* pos, Name* name);
  // Whether an element's size and name can lie at `pos`, which is what tells whether a dependency
  // id precedes them.
  bool ElementCanBeAt(const Fragment& fragment, size_t pos) const;
  absl::Status Spend(size_t pos, uint64_t bytes);
  absl::Status Emit(size_t pos, Value value);

  absl::string_view chunk_;
  XmlHandler* handler_ = nullptr;
  Budget* budget_ = nullptr;
  std::vector<Value> values_;  // Of the template instances being walked, innermost last.
  int elements_ = 0;           // Open.
  int fragments_ = 0;          // Nested.
  bool in_start_tag_ = false;
  bool stopped_ = false;
};

}  // namespace patchgate::eventlog

#endif  // SERVICING_EVENTLOG_BINARY_XML_H_
