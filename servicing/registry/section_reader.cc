#include "servicing/registry/section_reader.h"

#include "absl/strings/str_cat.h"

namespace patchgate::registry {
namespace {

// A section of a heavily damaged hive needs no more examples than this.
constexpr int kMaxGaps = 50;

// Null, with `section` saying why, if the key cannot be read.
std::unique_ptr<Key> Start(const Registry& registry, HiveId hive, absl::string_view path,
                           Collection* section) {
  section->set_source(absl::StrCat(HiveName(hive), path.empty() ? "" : "\\", path));
  absl::StatusOr<std::unique_ptr<Key>> key = registry.Open(hive, path);
  if (key.ok()) {
    section->set_status(Collection::COLLECTED);
    section->set_modified_filetime((*key)->last_written());
  } else {
    section->set_status(absl::IsNotFound(key.status()) ? Collection::ABSENT
                                                       : Collection::UNREADABLE);
    section->set_reason(std::string(key.status().message()));
  }
  const HiveFacts facts = registry.Describe(hive);
  if (section->status() != Collection::UNREADABLE && facts.state() == HiveFacts::POSSIBLY_STALE) {
    Gap* gap = section->add_gaps();
    gap->set_where(absl::StrCat("hive ", HiveName(hive)));
    gap->set_what("dirty, and its logs could not bring it up to date: possibly stale");
  }
  return key.ok() ? *std::move(key) : nullptr;
}

}  // namespace

SectionReader::SectionReader(const Registry& registry, HiveId hive, absl::string_view path,
                             Collection* section)
    : SectionReader(Start(registry, hive, path, section), section) {}

void KeyReader::AddGap(absl::string_view name, absl::string_view what) const {
  if (section_->gaps_size() >= kMaxGaps) return;
  Gap* gap = section_->add_gaps();
  gap->set_where(absl::StrCat(path_, name.empty() ? "" : "\\", name));
  gap->set_what(std::string(what));
}

absl::optional<Value> KeyReader::Raw(absl::string_view name) const {
  if (key_ == nullptr) return absl::nullopt;
  absl::StatusOr<Value> value = key_->Get(name);
  if (value.ok()) return *std::move(value);
  if (!absl::IsNotFound(value.status())) AddGap(name, value.status().message());
  return absl::nullopt;
}

template <typename T>
absl::optional<T> KeyReader::Typed(absl::string_view name,
                                   absl::StatusOr<T> (*convert)(const Value&)) const {
  const absl::optional<Value> value = Raw(name);
  if (!value) return absl::nullopt;
  absl::StatusOr<T> typed = convert(*value);
  if (typed.ok()) return *std::move(typed);
  AddGap(name, typed.status().message());
  return absl::nullopt;
}

absl::optional<uint32_t> KeyReader::Dword(absl::string_view name) const {
  return Typed(name, AsDword);
}
absl::optional<std::string> KeyReader::String(absl::string_view name) const {
  return Typed(name, AsString);
}
absl::optional<std::vector<std::string>> KeyReader::MultiString(absl::string_view name) const {
  return Typed(name, AsMultiString);
}

void KeyReader::Subkey(absl::string_view path,
                       absl::FunctionRef<void(const KeyReader&)> visit) const {
  if (key_ == nullptr) return;
  absl::StatusOr<std::unique_ptr<Key>> key = key_->Open(path);
  if (key.ok()) {
    visit(KeyReader(key->get(), absl::StrCat(path_, "\\", path), section_));
  } else if (!absl::IsNotFound(key.status())) {
    AddGap(path, key.status().message());
  }
}

void KeyReader::Subkeys(absl::FunctionRef<void(const KeyReader&)> visit) const {
  if (key_ == nullptr) return;
  const absl::Status status = key_->VisitSubkeys([&](const Key& key) {
    visit(KeyReader(&key, absl::StrCat(path_, "\\", key.name()), section_));
    return true;
  });
  if (!status.ok()) AddGap("", status.message());
}

void KeyReader::Values(absl::FunctionRef<void(const Value&)> visit) const {
  if (key_ == nullptr) return;
  const absl::Status status = key_->VisitValues([&](const Value& value) {
    visit(value);
    return true;
  });
  if (!status.ok()) AddGap("", status.message());
}

void MergeSection(const Collection& part, Collection* whole) {
  whole->mutable_gaps()->MergeFrom(part.gaps());
  if (part.status() == Collection::COLLECTED || part.status() == Collection::ABSENT) return;
  Gap* gap = whole->add_gaps();
  gap->set_where(part.source());
  gap->set_what(part.reason());
}

}  // namespace patchgate::registry
