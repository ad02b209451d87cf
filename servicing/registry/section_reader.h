// Fills one section of the snapshot from a registry key. Says in the section's Collection how that
// went, so that "not there" and "could not be read" never look the same.
#ifndef SERVICING_REGISTRY_SECTION_READER_H_
#define SERVICING_REGISTRY_SECTION_READER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/evidence/collection.pb.h"
#include "servicing/registry/registry.h"

namespace patchgate::registry {

// Reads typed values of one key. Whatever is there but cannot be read as asked becomes a gap of the
// section.
class KeyReader {
 public:
  // `key` may be null: nothing is found then. All three must outlive the reader.
  KeyReader(const Key* key, std::string path, Collection* section)
      : key_(key), path_(std::move(path)), section_(section) {}

  bool has_key() const { return key_ != nullptr; }
  std::string name() const { return key_ == nullptr ? "" : key_->name(); }
  FileTime last_written() const { return key_ == nullptr ? 0 : key_->last_written(); }

  // nullopt if the value is not there; also, with a gap, if it is unreadable or of another type.
  absl::optional<uint32_t> Dword(absl::string_view name) const;
  absl::optional<std::string> String(absl::string_view name) const;
  absl::optional<std::vector<std::string>> MultiString(absl::string_view name) const;
  absl::optional<Value> Raw(absl::string_view name) const;

  // Calls `visit` with a reader for the subkey (a path is allowed) if it is there.
  void Subkey(absl::string_view path, absl::FunctionRef<void(const KeyReader&)> visit) const;
  void Subkeys(absl::FunctionRef<void(const KeyReader&)> visit) const;
  void Values(absl::FunctionRef<void(const Value&)> visit) const;

  // Adds a gap at this key, or at its value or subkey `name`.
  void AddGap(absl::string_view name, absl::string_view what) const;

 private:
  template <typename T>
  absl::optional<T> Typed(absl::string_view name, absl::StatusOr<T> (*convert)(const Value&)) const;

  const Key* key_;
  std::string path_;  // For gaps: "SYSTEM\Select".
  Collection* section_;
};

// A KeyReader that opens its key and starts the section.
class SectionReader : public KeyReader {
 public:
  // Sets `section`: COLLECTED; ABSENT if the key is not there; UNREADABLE if it may be there. A
  // hive that is possibly stale leaves a gap, because its absences cannot be believed.
  SectionReader(const Registry& registry, HiveId hive, absl::string_view path, Collection* section);

 private:
  SectionReader(std::unique_ptr<Key> key, Collection* section)
      : KeyReader(key.get(), section->source(), section), owned_(std::move(key)) {}

  std::unique_ptr<Key> owned_;
};

// Makes what is missing from `part` a gap of `whole`, for a section that reads several keys. A key
// of `part` that is simply absent is no gap.
void MergeSection(const Collection& part, Collection* whole);

}  // namespace patchgate::registry

#endif  // SERVICING_REGISTRY_SECTION_READER_H_
