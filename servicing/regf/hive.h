// Reads a registry hive file (regf v1.1 to v1.6): keys by path, values, full walk.
//
//   regf::HiveFiles files;
//   files.primary = {"SYSTEM", bytes};
//   PG_ASSIGN_OR_RETURN(std::unique_ptr<regf::Hive> hive, regf::Hive::Open(files));
//   PG_ASSIGN_OR_RETURN(regf::Key select, hive->Find("Select"));
//   PG_ASSIGN_OR_RETURN(regf::Value current, select.FindValue("Current"));
//   PG_ASSIGN_OR_RETURN(std::string data, current.Data());
//
// Opening reads the base block and, for a dirty hive, its logs; nothing is scanned or indexed. A
// lookup that hits touches the pages on its path; one that misses reads that one subkey list whole,
// because an absence is evidence and must not hang on a hash or a sort order. All calls are const
// and may run from several threads.
//
// Damage costs its subtree: whatever cannot be read is reported where it was met and skipped, and a
// lookup that may have missed because of it says kDataLoss, never kNotFound.
#ifndef SERVICING_REGF_HIVE_H_
#define SERVICING_REGF_HIVE_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/regf/damage.h"
#include "servicing/regf/recovery.h"
#include "servicing/regf/types.h"

namespace patchgate::regf {

class Hive;

// A value of a key. Cheap to copy; valid while its Hive lives.
class Value {
 public:
  std::string name() const;   // UTF-8; empty for the key's default value.
  uint32_t type() const;      // A ValueType, or any other number.
  uint32_t size() const;      // Bytes of data, as the record states.
  bool is_tombstone() const;  // v1.6: hides the value of a lower layer.

  // The raw data, big data put together. kDataLoss if it cannot be read whole.
  absl::StatusOr<std::string> Data() const;

 private:
  friend class Hive;
  friend class Key;
  friend class Walker;
  Value(const Hive* hive, uint32_t cell, absl::string_view record)
      : hive_(hive), cell_(cell), record_(record) {}
  const Hive* hive_;
  uint32_t cell_;
  absl::string_view record_;  // The vk record, name included.
};

// A key. Cheap to copy; valid while its Hive lives.
class Key {
 public:
  std::string name() const;  // UTF-8.
  FileTime last_written() const;
  bool is_symbolic_link() const;  // Its target is the value "SymbolicLinkValue"; never followed.
  bool is_tombstone() const;      // v1.6: hides the key of a lower layer.
  bool is_root() const;
  uint32_t subkey_count() const;  // As stored; readable ones may be fewer.
  uint32_t value_count() const;
  uint32_t cell() const { return cell_; }  // Offset of its cell in the hive bins data.

  absl::StatusOr<std::string> ClassName() const;  // UTF-8; empty if none.
  // Self-relative security descriptor; kDataLoss if it cannot be read.
  absl::StatusOr<absl::string_view> SecurityDescriptor() const;

  // Both compare names without regard to case. kNotFound; kDataLoss if part of the list where the
  // name could stand is unreadable.
  absl::StatusOr<Key> FindSubkey(absl::string_view name) const;
  absl::StatusOr<Value> FindValue(absl::string_view name) const;

  // Call `visit` for each in stored order until it returns false. What cannot be read is added to
  // `damage` (may be null) and skipped. True if nothing was skipped.
  bool VisitSubkeys(absl::FunctionRef<bool(const Key&)> visit, DamageLog* damage) const;
  bool VisitValues(absl::FunctionRef<bool(const Value&)> visit, DamageLog* damage) const;

 private:
  friend class Hive;
  friend class Walker;
  Key(const Hive* hive, uint32_t cell, absl::string_view record)
      : hive_(hive), cell_(cell), record_(record) {}
  const Hive* hive_;
  uint32_t cell_;
  absl::string_view record_;  // The nk record, name included.
};

// What a full walk saw.
struct WalkTotals {
  uint64_t keys = 0;    // Reachable key nodes, the root included.
  uint64_t values = 0;  // Readable value records.
};

class Hive {
 public:
  struct Options {
    bool replay = true;  // False: the primary file as it is stored.
  };

  // Opens `files`, whose bytes must outlive the hive. Errors as Recover; kDataLoss also when the
  // root key node cannot be read.
  static absl::StatusOr<std::unique_ptr<Hive>> Open(const HiveFiles& files, Options options);
  static absl::StatusOr<std::unique_ptr<Hive>> Open(const HiveFiles& files) {
    return Open(files, Options());
  }

  Hive(const Hive&) = delete;
  Hive& operator=(const Hive&) = delete;

  const std::string& name() const { return name_; }
  const RecoveryReport& recovery() const { return image_.report; }
  uint32_t minor_version() const { return minor_version_; }
  FileTime last_written() const { return last_written_; }  // Of the base block; often 0 since 8.1.
  uint32_t hive_bins_size() const { return hive_bins_size_; }  // Readable bytes.
  const std::string& stored_file_name() const { return stored_file_name_; }
  // What is wrong with the file as a whole: truncation, checksum. Filled on open.
  const DamageLog& damage() const { return damage_; }

  Key Root() const;
  // `path` is relative to the root, parts separated by '\'; empty gives the root.
  absl::StatusOr<Key> Find(absl::string_view path) const;

  // Visits every reachable key once, parents before children, the root first, and counts. `visit`
  // (may do nothing) gets the key and its path relative to the root. Cyclic and shared lists are
  // reported as damage, visited once. Cost: each reachable cell once, and one bit of memory for
  // every 8 bytes of the hive.
  WalkTotals Walk(absl::FunctionRef<void(const Key&, absl::string_view path)> visit,
                  DamageLog* damage) const;

  // Checks the chain of bin headers. Cost: one page for each bin.
  void CheckBins(DamageLog* damage) const;

 private:
  friend class Key;
  friend class Value;
  friend class Walker;
  Hive() = default;

  // The data of the allocated cell at `offset`, at least `min_size` bytes.
  absl::StatusOr<absl::string_view> Cell(uint32_t offset, size_t min_size,
                                         absl::string_view what) const;
  absl::StatusOr<Key> KeyAt(uint32_t offset) const;
  absl::StatusOr<Value> ValueAt(uint32_t offset) const;
  absl::Status DataLoss(uint32_t offset, absl::string_view what) const;

  // Cells do not overlap, so the lists of all keys, with the records that they name, have no more
  // bytes than the hive, and so has the data of all values. A hostile hive that shares one long
  // list or one large datum would make a caller who looks into each key read for hours, and keep
  // gigabytes; these keep count. Looking again at what was read before is free. Admit says whether
  // the cells of `owner` may still be read, Charge what they held.
  enum class Kind : uint32_t { kSubkeys = 0, kValues = 1, kData = 2 };
  bool Admit(uint32_t owner, Kind kind) const;
  void Charge(uint32_t owner, Kind kind, uint64_t bytes) const;

  std::string name_;
  RecoveredImage image_;
  absl::string_view bins_;  // Hive bins data.
  uint32_t hive_bins_size_ = 0;
  uint32_t stated_bins_size_ = 0;
  uint32_t minor_version_ = 0;
  uint32_t root_cell_ = 0;
  absl::string_view root_record_;
  FileTime last_written_ = 0;
  std::string stored_file_name_;
  DamageLog damage_;

  mutable std::mutex mutex_;
  mutable absl::flat_hash_set<uint32_t> charged_[3];  // Cells of keys and values, by Kind.
  mutable uint64_t bytes_read_[3] = {0, 0, 0};
};

}  // namespace patchgate::regf

#endif  // SERVICING_REGF_HIVE_H_
