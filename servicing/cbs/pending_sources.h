// Whether the files that a pending transaction takes from the volume are there.
#ifndef SERVICING_CBS_PENDING_SOURCES_H_
#define SERVICING_CBS_PENDING_SOURCES_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "servicing/cbs/pending.pb.h"
#include "servicing/evidence/source.h"

namespace patchgate::cbs {

// The path on the system volume of an NT path: "\??\C:\Windows\x" and "\SystemRoot\x" give
// "Windows\x". Empty if it is on another volume or cannot be said: a device, another drive, a short
// (8.3) name. The system drive is taken to be C:, as a running Windows sees itself.
std::string OnSystemDrive(absl::string_view nt_path);

// Fed with the operations in their order; fills the counts of sources. Remembers what operations
// make as 64-bit hashes, at most half a million (under 15 MB); the later sources of a transaction
// that makes more are not looked up, which leaves a gap.
class PendingSources {
 public:
  static constexpr size_t kMostMade = 1 << 19;
  static constexpr uint64_t kMostLookups = 20'000;
  // What is not there or spelled otherwise may cost the volume a listing, of WinSxS with its tens
  // of thousands of folders in the worst case. After so many nothing more is looked up.
  static constexpr int kMostListings = 50;

  // Both outlive it; `volume` may be null: nothing is looked up.
  PendingSources(const evidence::Source* volume, PendingXml* facts)
      : volume_(volume), facts_(facts) {}

  // An operation makes the file or folder at `nt_path`: an `empty` one, or with all that is in it.
  void Make(absl::string_view nt_path, bool empty);
  // An operation needs the file at `nt_path`. A move says where to; for others that is empty.
  void Need(absl::string_view nt_path, absl::string_view move_destination);
  // An operation deletes the file at `nt_path` or moves it away.
  void Remove(absl::string_view nt_path);

 private:
  enum class Presence { kThere, kMissing, kUnknown };

  void Check(const std::string& path, absl::string_view nt_path,
             absl::string_view move_destination);
  Presence Find(absl::string_view path);
  bool IsMade(absl::string_view path) const;
  bool IsInsideMade(absl::string_view path) const;

  const evidence::Source* volume_;
  PendingXml* facts_;
  absl::flat_hash_set<uint64_t> made_;
  bool overflow_ = false;
  // Folders already found, by the hash of their path, in the spelling of the volume; empty:
  // missing.
  absl::flat_hash_map<uint64_t, std::string> folders_;
  int listings_ = 0;
  // Moves that count as missing: their source by the hash of their destination. If a later
  // operation removes that, the move may have been done all the same.
  absl::flat_hash_map<uint64_t, std::string> missing_moves_;
};

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_PENDING_SOURCES_H_
