// What is known about updates (manifests/update.proto): the built-in set and those that an
// organisation adds.
#ifndef MANIFESTS_UPDATES_H_
#define MANIFESTS_UPDATES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "manifests/update.pb.h"

namespace patchgate {

// Build and revision of a cumulative update, as hosts, packages and files say it. `build` may be
// one that shares its binaries with others; UpdateCatalog::Base tells.
struct PatchLevel {
  uint32_t build = 0;
  uint32_t revision = 0;

  friend bool operator==(PatchLevel a, PatchLevel b) {
    return a.build == b.build && a.revision == b.revision;
  }
  friend bool operator!=(PatchLevel a, PatchLevel b) { return !(a == b); }
  friend bool operator<(PatchLevel a, PatchLevel b) {
    return a.build != b.build ? a.build < b.build : a.revision < b.revision;
  }
};

// The level in "26100.7462" or "10.0.26100.7462", also with something behind a space:
// "10.0.26100.7462 (WinBuild.160101.0800)". nullopt for anything else, versions of other than
// Windows 10.0 included.
absl::optional<PatchLevel> ParsePatchLevel(absl::string_view text);
std::string FormatPatchLevel(PatchLevel level);  // "26100.7462"

// "KB5072033" of that, in any case, or of its number alone; empty if `text` is neither.
std::string ParseKbNumber(absl::string_view text);

// A set from its text. kInvalidArgument, `what` first ("update file x"), for an unknown key (with
// the nearest one) and for everything that a descriptor must not be: no title, kind, source or
// trust; neither a KB number nor a build; a value that is not of its form; a KB number twice.
absl::StatusOr<UpdateSet> ParseUpdateSet(absl::string_view what, absl::string_view text);

// The same checks on a set that was made otherwise.
absl::Status CheckUpdateSet(absl::string_view what, const UpdateSet& set);

class UpdateCatalog {
 public:
  // Adds a set. What it says of a KB number that is known already joins what is known.
  // kInvalidArgument if the two disagree about the kind. The set must be one of ParseUpdateSet.
  absl::Status Add(absl::string_view what, const UpdateSet& set);

  // Null if there is none. `kb` is as ParseKbNumber gives it.
  const UpdateDescriptor* FindKb(absl::string_view kb) const;

  // The updates that bring a host of this installation type to this level; builds of one family
  // count as one. An empty type is that of any host.
  std::vector<const UpdateDescriptor*> Find(PatchLevel level,
                                            absl::string_view installation_type) const;

  // A hotpatch, and no other update, brings a host to this level.
  bool IsHotpatch(PatchLevel level, absl::string_view installation_type) const;

  // The build whose number is in the versions of the files of Windows `build`; `build` itself if no
  // family has it.
  uint32_t Base(uint32_t build) const;
  PatchLevel Base(PatchLevel level) const { return {Base(level.build), level.revision}; }

  absl::Span<const UpdateDescriptor> updates() const { return updates_; }

 private:
  std::vector<UpdateDescriptor> updates_;
  std::map<std::string, size_t> by_kb_;
  std::map<uint32_t, uint32_t> bases_;
};

// The built-in set, parsed at the first call; lives to the end of the program, and any number of
// threads may call this. Empty if it does not parse, which a test rules out.
const UpdateCatalog& BuiltInUpdates();
// Parses the built-in set; an error says what is wrong with it.
absl::StatusOr<UpdateCatalog> LoadBuiltInUpdates();

// Whether a descriptor speaks of hosts of this installation type.
bool IsFor(const UpdateDescriptor& update, absl::string_view installation_type);

}  // namespace patchgate

#endif  // MANIFESTS_UPDATES_H_
