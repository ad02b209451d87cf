#include "servicing/pe/resources.h"

#include <array>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/optional.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/pe/format.h"

namespace patchgate::pe {
namespace {

// Type, name, language.
constexpr size_t kLevels = 3;

struct Range {
  size_t begin = 0, end = 0;
};

bool Overlap(const Range& a, const Range& b) { return a.begin < b.end && b.begin < a.end; }

// One way down the tree. Offsets are those of the tree: they count from its root.
class Descent {
 public:
  Descent(const Image& image, absl::string_view tree) : image_(image), tree_(tree) {}

  // Goes from the current directory to what `id` names there; to the first entry if it is null.
  absl::Status Enter(const ResourceId* id);

  // After all levels: the data.
  absl::StatusOr<absl::string_view> Data();

 private:
  // Marks what is read as read; a second time is an error.
  absl::Status Take(absl::string_view what, size_t offset, size_t size);
  absl::optional<uint32_t> FindTarget(const char* entries, size_t names, size_t ids,
                                      const ResourceId& id) const;
  bool HasName(uint32_t key, const ResourceId& id) const;
  size_t FileOffset(size_t offset) const { return image_.FileOffset(tree_) + offset; }

  const Image& image_;
  const absl::string_view tree_;
  uint32_t target_ = resource::kHighBit;  // At first the root, a directory at 0.
  std::array<Range, kLevels + 1> taken_;
  size_t taken_count_ = 0;
};

absl::Status Descent::Take(absl::string_view what, size_t offset, size_t size) {
  const Range range = {offset, offset + size};
  for (size_t i = 0; i < taken_count_; ++i) {
    if (Overlap(range, taken_[i])) {
      return absl::DataLossError(absl::StrFormat(
          "%s at 0x%x: overlaps the resource directory at 0x%x, through which it was reached", what,
          FileOffset(offset), FileOffset(taken_[i].begin)));
    }
  }
  taken_[taken_count_++] = range;
  return absl::OkStatus();
}

bool Descent::HasName(uint32_t key, const ResourceId& id) const {
  // Lengths first: comparing costs no more than the name that is sought, whatever the tree says.
  const size_t offset = key & ~resource::kHighBit;
  if ((key & resource::kHighBit) == 0 || offset > tree_.size() || tree_.size() - offset < 2) {
    return false;
  }
  const size_t size = size_t{LoadLe16(tree_.data() + offset)} * 2;
  if (size != id.name().size() || tree_.size() - offset - 2 < size) return false;
  const char* const name = tree_.data() + offset + 2;
  for (size_t i = 0; i < size; i += 2) {
    if (UpcaseUtf16(static_cast<char16_t>(LoadLe16(name + i))) != LoadLe16(&id.name()[i])) {
      return false;
    }
  }
  return true;
}

absl::optional<uint32_t> Descent::FindTarget(const char* entries, size_t names, size_t ids,
                                             const ResourceId& id) const {
  const size_t begin = id.is_name() ? 0 : names;
  const size_t end = id.is_name() ? names : names + ids;
  for (size_t i = begin; i < end; ++i) {
    const char* const entry = entries + i * resource::kEntrySize;
    const uint32_t key = LoadLe32(entry + resource::kEntryKey);
    if (id.is_name() ? HasName(key, id) : key == id.number()) {
      return LoadLe32(entry + resource::kEntryTarget);
    }
  }
  return absl::nullopt;
}

absl::Status Descent::Enter(const ResourceId* id) {
  const size_t offset = target_ & ~resource::kHighBit;
  if ((target_ & resource::kHighBit) == 0) {
    return absl::DataLossError(
        absl::StrFormat("resource directory at 0x%x: a directory expected, data found",
                        FileOffset(taken_[taken_count_ - 1].begin)));
  }
  if (offset > tree_.size() || tree_.size() - offset < resource::kDirectorySize) {
    return absl::DataLossError(
        absl::StrFormat("resource directory at 0x%x: beyond the end of its section at 0x%x",
                        FileOffset(offset), FileOffset(tree_.size())));
  }
  const char* const directory = tree_.data() + offset;
  const size_t names = LoadLe16(directory + resource::kNameCount);
  const size_t ids = LoadLe16(directory + resource::kIdCount);
  const size_t size = resource::kDirectorySize + (names + ids) * resource::kEntrySize;
  if (tree_.size() - offset < size) {
    return absl::DataLossError(
        absl::StrFormat("resource directory at 0x%x: %d entries, but its section ends at 0x%x",
                        FileOffset(offset), names + ids, FileOffset(tree_.size())));
  }
  PG_RETURN_IF_ERROR(Take("resource directory", offset, size));
  const char* const entries = directory + resource::kDirectorySize;
  if (id == nullptr) {
    if (names + ids == 0) {
      return absl::DataLossError(
          absl::StrFormat("resource directory at 0x%x: no entries", FileOffset(offset)));
    }
    target_ = LoadLe32(entries + resource::kEntryTarget);
    return absl::OkStatus();
  }
  const absl::optional<uint32_t> target = FindTarget(entries, names, ids, *id);
  if (!target.has_value()) {
    return absl::NotFoundError(absl::StrFormat("resource directory at 0x%x: no entry %s",
                                               FileOffset(offset), id->ToString()));
  }
  target_ = *target;
  return absl::OkStatus();
}

absl::StatusOr<absl::string_view> Descent::Data() {
  const size_t directory = FileOffset(taken_[taken_count_ - 1].begin);
  const size_t offset = target_;
  if ((target_ & resource::kHighBit) != 0) {
    return absl::DataLossError(
        absl::StrFormat("resource directory at 0x%x: data expected, a directory found", directory));
  }
  if (offset > tree_.size() || tree_.size() - offset < resource::kDataSize) {
    return absl::DataLossError(absl::StrFormat(
        "resource data entry at 0x%x, of the directory at 0x%x: beyond the end of its section at "
        "0x%x",
        FileOffset(offset), directory, FileOffset(tree_.size())));
  }
  PG_RETURN_IF_ERROR(Take("resource data entry", offset, resource::kDataSize));
  const char* const entry = tree_.data() + offset;
  const uint32_t size = LoadLe32(entry + resource::kDataBytes);
  if (size == 0) return absl::string_view();
  const auto bytes = image_.BytesAt(LoadLe32(entry + resource::kDataRva), size);
  if (!bytes.ok()) {
    return absl::DataLossError(absl::StrFormat("resource data entry at 0x%x: %s",
                                               FileOffset(offset), bytes.status().message()));
  }
  return *bytes;
}

}  // namespace

ResourceId::ResourceId(absl::string_view utf8) : name_(Utf8ToUtf16Le(UpcaseUtf8(utf8))) {}

std::string ResourceId::ToString() const {
  return is_name() ? absl::StrCat("\"", Utf16LeToUtf8(name_), "\"") : absl::StrCat(number_);
}

absl::StatusOr<absl::string_view> FindResource(const Image& image, const ResourceId& type,
                                               const ResourceId& id) {
  const DirectoryRange range = image.directory(Directory::kResources);
  if (range.address == 0) {
    return absl::NotFoundError("the image has no resource directory");
  }
  // Not only `range.size` bytes: nothing in the format keeps the offsets within them.
  const auto tree = image.BytesFrom(range.address);
  if (!tree.ok()) {
    return absl::DataLossError(absl::StrCat("resource directory: ", tree.status().message()));
  }
  Descent descent(image, *tree);
  for (const ResourceId* step : {&type, &id, static_cast<const ResourceId*>(nullptr)}) {
    PG_RETURN_IF_ERROR(descent.Enter(step));
  }
  return descent.Data();
}

}  // namespace patchgate::pe
