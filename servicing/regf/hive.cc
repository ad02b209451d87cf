#include "servicing/regf/hive.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/regf/format.h"

namespace patchgate::regf {
namespace {

using absl::string_view;

// Windows allows 512 levels below a hive's root; anything deeper is not a registry.
constexpr size_t kMaxDepth = 512;

enum class ListKind { kIndexLeaf, kFastLeaf, kHashLeaf, kIndexRoot };

// A subkey list: elements of 4 (li, ri) or 8 (lf, lh) bytes, bounds checked.
struct SubkeyList {
  ListKind kind = ListKind::kIndexLeaf;
  uint32_t cell = 0;
  uint32_t count = 0;
  string_view elements;

  size_t element_size() const {
    return kind == ListKind::kFastLeaf || kind == ListKind::kHashLeaf ? 8 : 4;
  }
  uint32_t offset(uint32_t i) const { return LoadLe32(elements.data() + i * element_size()); }
  uint32_t hint(uint32_t i) const { return LoadLe32(elements.data() + i * element_size() + 4); }
};

absl::optional<ListKind> ListKindOf(string_view cell) {
  if (cell.size() < list::kElements) return absl::nullopt;
  const string_view signature = cell.substr(0, 2);
  if (signature == "lh") return ListKind::kHashLeaf;
  if (signature == "lf") return ListKind::kFastLeaf;
  if (signature == "li") return ListKind::kIndexLeaf;
  if (signature == "ri") return ListKind::kIndexRoot;
  return absl::nullopt;
}

// Printable form of two signature bytes.
std::string Signature(string_view cell) { return absl::StrFormat("0x%04x", LoadLe16(cell.data())); }

std::string DecodeName(string_view bytes, bool compressed) {
  return compressed ? Latin1ToUtf8(bytes) : Utf16LeToUtf8(bytes);
}

// Does a stored name equal `wanted`? The common case, both ASCII, allocates nothing.
bool NameEquals(string_view stored, bool compressed, string_view wanted) {
  if (!compressed) return NamesEqual(Utf16LeToUtf8(stored), wanted);
  if (stored.size() > wanted.size()) return false;
  for (size_t i = 0; i < stored.size(); ++i) {
    const auto a = static_cast<unsigned char>(stored[i]);
    const auto b = static_cast<unsigned char>(wanted[i]);
    if (a >= 0x80 || b >= 0x80) return NamesEqual(Latin1ToUtf8(stored), wanted);
    if (UpcaseUtf16(a) != UpcaseUtf16(b)) return false;
  }
  return stored.size() == wanted.size();
}

absl::StatusOr<SubkeyList> ParseList(string_view cell) {
  const absl::optional<ListKind> kind = ListKindOf(cell);
  if (!kind) {
    return absl::DataLossError(
        absl::StrCat("subkey list: signature ", Signature(cell), " is none of li, lf, lh, ri"));
  }
  SubkeyList result;
  result.kind = *kind;
  result.count = LoadLe16(cell.data() + list::kCount);
  result.elements = cell.substr(list::kElements);
  if (result.elements.size() / result.element_size() < result.count) {
    return absl::DataLossError(
        absl::StrCat("subkey list: count ", result.count, " exceeds its cell"));
  }
  return result;
}

}  // namespace

// ---------------------------------------------------------------- Hive: opening and cells

absl::StatusOr<std::unique_ptr<Hive>> Hive::Open(const HiveFiles& files, Options options) {
  std::unique_ptr<Hive> hive(new Hive);
  hive->name_ = files.primary.name;
  PG_ASSIGN_OR_RETURN(hive->image_, Recover(files, options.replay));
  const string_view bytes = hive->image_.bytes;
  if (bytes.size() <= base_block::kSize) {
    return absl::DataLossError(
        absl::StrFormat("hive %s: ends at 0x%x, before its first bin", hive->name_, bytes.size()));
  }
  const char* p = bytes.data();
  const uint32_t major = LoadLe32(p + base_block::kMajorVersion);
  hive->minor_version_ = LoadLe32(p + base_block::kMinorVersion);
  if (major != 1 || hive->minor_version_ < 1 || hive->minor_version_ > 6) {
    hive->damage_.Add({base_block::kMajorVersion,
                       absl::StrFormat("base block: version %u.%u is unknown, read as 1.5", major,
                                       hive->minor_version_),
                       ""});
    hive->minor_version_ = 5;
  }
  hive->last_written_ = LoadLe64(p + base_block::kLastWritten);
  const std::string stored_name =
      Utf16LeToUtf8(bytes.substr(base_block::kFileName, base_block::kFileNameSize));
  hive->stored_file_name_ = stored_name.substr(0, stored_name.find('\0'));
  hive->root_cell_ = LoadLe32(p + base_block::kRootCell);
  hive->stated_bins_size_ = LoadLe32(p + base_block::kHiveBinsSize);

  const size_t available = bytes.size() - base_block::kSize;
  hive->bins_ = bytes.substr(base_block::kSize);
  const bool checksum_valid = LoadLe32(p + base_block::kChecksum) == BaseBlockChecksum(bytes);
  if (!checksum_valid) {
    hive->damage_.Add(
        {base_block::kChecksum,
         absl::StrFormat("base block: checksum 0x%08x, computed 0x%08x",
                         LoadLe32(p + base_block::kChecksum), BaseBlockChecksum(bytes)),
         ""});
  }
  if (hive->stated_bins_size_ > available) {
    hive->damage_.Add(
        {bytes.size(),
         absl::StrFormat("file ends at 0x%x, the base block states 0x%x (truncated)", bytes.size(),
                         uint64_t{hive->stated_bins_size_} + base_block::kSize),
         ""});
  } else if (hive->stated_bins_size_ < bin::kAlignment) {
    hive->damage_.Add({base_block::kHiveBinsSize,
                       absl::StrFormat("base block: hive bins data size 0x%x is less than one bin",
                                       hive->stated_bins_size_),
                       ""});
  } else if (checksum_valid) {
    hive->bins_ = hive->bins_.substr(0, hive->stated_bins_size_);
  }
  // The high bit of an offset marks volatile storage, which no file holds.
  hive->bins_ = hive->bins_.substr(0, 0x80000000);
  hive->hive_bins_size_ = static_cast<uint32_t>(hive->bins_.size());

  absl::StatusOr<Key> root = hive->KeyAt(hive->root_cell_);
  if (!root.ok()) return root.status();
  hive->root_record_ = root->record_;
  // Pages of another hive's log fit in as well; the bins show it.
  if (hive->recovery().state == HiveState::kReplayed) hive->CheckBins(&hive->damage_);
  return hive;
}

Key Hive::Root() const { return Key(this, root_cell_, root_record_); }

absl::Status Hive::DataLoss(uint32_t offset, string_view what) const {
  return absl::DataLossError(
      absl::StrFormat("hive %s: at 0x%x: %s", name_, uint64_t{offset} + base_block::kSize, what));
}

absl::StatusOr<string_view> Hive::Cell(uint32_t offset, size_t min_size, string_view what) const {
  const size_t header = minor_version_ == 1 ? 8 : 4;
  if (offset % 8 != 0 || offset < bin::kHeaderSize || offset >= bins_.size() ||
      bins_.size() - offset < header) {
    return DataLoss(offset, absl::StrFormat("%s: offset 0x%x is outside the hive's 0x%x bytes",
                                            what, offset, bins_.size()));
  }
  const auto stored = static_cast<int32_t>(LoadLe32(bins_.data() + offset));
  if (stored >= 0) return DataLoss(offset, absl::StrCat(what, ": the cell is free"));
  const uint64_t size = -static_cast<int64_t>(stored);
  if (size > bins_.size() - offset || size < header + min_size) {
    return DataLoss(offset,
                    absl::StrFormat("%s: cell size 0x%x does not fit (at least 0x%x, at most 0x%x)",
                                    what, size, header + min_size, bins_.size() - offset));
  }
  return bins_.substr(offset + header, size - header);
}

absl::StatusOr<Key> Hive::KeyAt(uint32_t offset) const {
  PG_ASSIGN_OR_RETURN(const string_view cell, Cell(offset, nk::kName, "key node"));
  if (cell.substr(0, 2) != "nk") {
    return DataLoss(offset, absl::StrCat("key node: signature ", Signature(cell), " is not nk"));
  }
  const size_t name_length = LoadLe16(cell.data() + nk::kNameLength);
  if (name_length > cell.size() - nk::kName) {
    return DataLoss(offset,
                    absl::StrCat("key node: name length ", name_length, " exceeds its cell"));
  }
  return Key(this, offset, cell.substr(0, nk::kName + name_length));
}

absl::StatusOr<Value> Hive::ValueAt(uint32_t offset) const {
  PG_ASSIGN_OR_RETURN(const string_view cell, Cell(offset, vk::kName, "value"));
  if (cell.substr(0, 2) != "vk") {
    return DataLoss(offset, absl::StrCat("value: signature ", Signature(cell), " is not vk"));
  }
  const size_t name_length = LoadLe16(cell.data() + vk::kNameLength);
  if (name_length > cell.size() - vk::kName) {
    return DataLoss(offset, absl::StrCat("value: name length ", name_length, " exceeds its cell"));
  }
  return Value(this, offset, cell.substr(0, vk::kName + name_length));
}

bool Hive::Admit(uint32_t owner, Kind kind) const {
  const auto k = static_cast<size_t>(kind);
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_read_[k] <= bins_.size() || charged_[k].contains(owner);
}

void Hive::Charge(uint32_t owner, Kind kind, uint64_t bytes) const {
  if (bytes == 0) return;
  const auto k = static_cast<size_t>(kind);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (charged_[k].insert(owner).second) bytes_read_[k] += bytes;
}

absl::StatusOr<Key> Hive::Find(string_view path) const {
  Key key = Root();
  for (const string_view part : absl::StrSplit(path, '\\', absl::SkipEmpty())) {
    PG_ASSIGN_OR_RETURN(key, key.FindSubkey(part));
  }
  return key;
}

// ---------------------------------------------------------------- Value

namespace {

// v1.1 has no flags: its names are UTF-16LE and nothing is a tombstone.
uint16_t ValueFlags(string_view record, uint32_t minor_version) {
  return minor_version == 1 ? 0 : LoadLe16(record.data() + vk::kFlags);
}

}  // namespace

std::string Value::name() const {
  return DecodeName(record_.substr(vk::kName),
                    ValueFlags(record_, hive_->minor_version_) & vk::kCompressedName);
}

uint32_t Value::type() const { return LoadLe32(record_.data() + vk::kType); }

uint32_t Value::size() const { return LoadLe32(record_.data() + vk::kDataSize) & ~vk::kInlineData; }

bool Value::is_tombstone() const {
  return hive_->minor_version_ >= 6 && ValueFlags(record_, hive_->minor_version_) & vk::kTombstone;
}

absl::StatusOr<std::string> Value::Data() const {
  const uint32_t stored_size = LoadLe32(record_.data() + vk::kDataSize);
  const uint32_t data_offset = LoadLe32(record_.data() + vk::kData);
  const uint32_t size = this->size();
  if (stored_size & vk::kInlineData) {
    if (size > 4) {
      return hive_->DataLoss(cell_, absl::StrCat("value: inline data of ", size, " bytes"));
    }
    return std::string(record_.data() + vk::kData, size);
  }
  if (size == 0) return std::string();
  if (size > hive_->bins_.size()) {
    return hive_->DataLoss(cell_, absl::StrCat("value: data size ", size, " exceeds the hive"));
  }
  if (!hive_->Admit(cell_, Hive::Kind::kData)) {
    return hive_->DataLoss(cell_, "value: the data of all values exceeds the hive (shared cells)");
  }
  hive_->Charge(cell_, Hive::Kind::kData, size);
  PG_ASSIGN_OR_RETURN(const string_view cell, hive_->Cell(data_offset, 1, "value data"));
  const bool big = size > db::kSegmentSize && hive_->minor_version_ > 3 &&
                   cell.size() >= db::kHeaderSize && cell.substr(0, 2) == "db";
  if (!big) {
    if (size > cell.size()) {
      return hive_->DataLoss(data_offset, absl::StrCat("value data: size ", size,
                                                       " exceeds its cell of ", cell.size()));
    }
    return std::string(cell.substr(0, size));
  }
  const uint32_t segments = LoadLe16(cell.data() + db::kSegmentCount);
  const uint32_t list_offset = LoadLe32(cell.data() + db::kSegmentList);
  if (uint64_t{segments} * db::kSegmentSize < size) {
    return hive_->DataLoss(data_offset, absl::StrCat("big data: ", segments,
                                                     " segments cannot hold ", size, " bytes"));
  }
  PG_ASSIGN_OR_RETURN(const string_view list,
                      hive_->Cell(list_offset, segments * 4, "big data segment list"));
  std::string data;
  data.reserve(size);
  for (uint32_t i = 0; i < segments && data.size() < size; ++i) {
    const size_t wanted = std::min<size_t>(size - data.size(), db::kSegmentSize);
    PG_ASSIGN_OR_RETURN(const string_view segment,
                        hive_->Cell(LoadLe32(list.data() + i * 4), wanted, "big data segment"));
    data.append(segment.data(), wanted);
  }
  return data;
}

// ---------------------------------------------------------------- Key: record

namespace {

uint16_t KeyFlags(string_view record) { return LoadLe16(record.data() + nk::kFlags); }

// Of a record whose hive has minor version `minor`.
bool NameIsCompressed(string_view record, uint32_t minor) {
  return minor != 1 && (KeyFlags(record) & nk::kCompressedName);
}

}  // namespace

std::string Key::name() const {
  return DecodeName(record_.substr(nk::kName), NameIsCompressed(record_, hive_->minor_version_));
}
FileTime Key::last_written() const { return LoadLe64(record_.data() + nk::kLastWritten); }
bool Key::is_symbolic_link() const { return KeyFlags(record_) & nk::kSymbolicLink; }
bool Key::is_tombstone() const {
  return hive_->minor_version_ >= 6 && (static_cast<unsigned char>(record_[nk::kLayerBits]) &
                                        nk::kLayerMask) == nk::kLayerTombstone;
}
bool Key::is_root() const { return cell_ == hive_->root_cell_; }
uint32_t Key::subkey_count() const { return LoadLe32(record_.data() + nk::kSubkeyCount); }
uint32_t Key::value_count() const {
  if (KeyFlags(record_) & nk::kPredefinedHandle) return 0;
  return LoadLe32(record_.data() + nk::kValueCount);
}

absl::StatusOr<std::string> Key::ClassName() const {
  const size_t length = LoadLe16(record_.data() + nk::kClassLength);
  const uint32_t offset = LoadLe32(record_.data() + nk::kClassName);
  if (length == 0 || offset == kNone) return std::string();
  PG_ASSIGN_OR_RETURN(const string_view cell, hive_->Cell(offset, length, "class name"));
  return Utf16LeToUtf8(cell.substr(0, length));
}

absl::StatusOr<string_view> Key::SecurityDescriptor() const {
  const uint32_t offset = LoadLe32(record_.data() + nk::kSecurity);
  PG_ASSIGN_OR_RETURN(const string_view cell, hive_->Cell(offset, sk::kDescriptor, "key security"));
  if (cell.substr(0, 2) != "sk") {
    return hive_->DataLoss(offset,
                           absl::StrCat("key security: signature ", Signature(cell), " is not sk"));
  }
  const size_t size = LoadLe32(cell.data() + sk::kDescriptorSize);
  if (size > cell.size() - sk::kDescriptor) {
    return hive_->DataLoss(
        offset, absl::StrCat("key security: descriptor size ", size, " exceeds its cell"));
  }
  return cell.substr(sk::kDescriptor, size);
}

// ---------------------------------------------------------------- Walker: subkey lists

// Reads the lists of keys on behalf of Key and Hive::Walk. With a `seen` bitmap (a full walk) every
// cell is visited once. Sound lists do not overlap, so one Walker reads no more elements than the
// hive has words; only a hostile hive holds more.
class Walker {
 public:
  Walker(const Hive& hive, DamageLog* damage, std::vector<bool>* seen)
      : hive_(hive), damage_(damage), seen_(seen), bytes_left_(hive.bins_.size()) {}

  // Calls `visit` with each readable subkey; false if something was skipped. `path` names the key
  // in damage reports.
  bool Subkeys(const Key& key, string_view path, absl::FunctionRef<bool(const Key&)> visit) {
    const uint32_t count = key.subkey_count();
    const uint32_t list_offset = LoadLe32(key.record_.data() + nk::kSubkeyList);
    if (count == 0) return NoList(key, list_offset, "subkey", path);
    bool stop = false;
    uint64_t listed = 0;
    bool whole = Leaves(
        list_offset, path, true,
        [&](const SubkeyList& leaf) {
          listed += leaf.count;
          return LeafKeys(leaf, path, visit, &stop);
        },
        &stop);
    if (!stop && whole && listed != count) {
      Report(key.cell_, absl::StrCat("key node: states ", count, " subkeys, its list has ", listed),
             path);
      whole = listed >= count;  // More than stated is odd, but nothing is lost.
    }
    return whole;
  }

  bool Values(const Key& key, string_view path, absl::FunctionRef<bool(const Value&)> visit) {
    const uint32_t count = key.value_count();
    const uint32_t list_offset = LoadLe32(key.record_.data() + nk::kValueList);
    if (count == 0) {
      if (KeyFlags(key.record_) & nk::kPredefinedHandle) return true;
      return NoList(key, list_offset, "value", path);
    }
    absl::StatusOr<string_view> list = hive_.Cell(list_offset, 4, "value list");
    if (!list.ok()) return Report(list.status(), list_offset, path);
    if (!Claim(list_offset, "value list", path)) return false;
    uint64_t readable = count;
    bool whole = true;
    if (list->size() / 4 < count) {
      Report(list_offset, absl::StrCat("value list: count ", count, " exceeds its cell"), path);
      readable = list->size() / 4;
      whole = false;
    }
    for (uint64_t i = 0; i < readable; ++i) {
      if (!Take(4, list_offset, path)) return false;
      const uint32_t offset = LoadLe32(list->data() + i * 4);
      absl::StatusOr<Value> value = hive_.ValueAt(offset);
      if (!value.ok()) {
        whole = Report(value.status(), offset, path);
        continue;
      }
      if (!Claim(offset, "value", path)) {
        whole = false;
        continue;
      }
      if (!Take(value->record_.size(), offset, path)) return false;
      if (!visit(*value)) return whole;
    }
    return whole;
  }

  // Calls `visit` with each leaf below the list at `offset`.
  bool Leaves(uint32_t offset, string_view path, bool root_allowed,
              absl::FunctionRef<bool(const SubkeyList&)> visit, const bool* stop) {
    absl::StatusOr<string_view> cell = hive_.Cell(offset, list::kElements, "subkey list");
    if (!cell.ok()) return Report(cell.status(), offset, path);
    if (!Claim(offset, "subkey list", path)) return false;
    absl::StatusOr<SubkeyList> list = ParseList(*cell);
    bool whole = true;
    if (!list.ok()) {
      whole = Report(offset, list.status().message(), path);
      if (!ListKindOf(*cell)) return false;
      // The count is wrong, the elements that fit are still worth reading.
      list = SubkeyList();
      list->kind = *ListKindOf(*cell);
      list->elements = cell->substr(list::kElements);
      list->count = static_cast<uint32_t>(list->elements.size() / list->element_size());
    }
    list->cell = offset;
    if (list->kind != ListKind::kIndexRoot) return visit(*list) && whole;
    if (!root_allowed) return Report(offset, "subkey list: index root inside an index root", path);
    for (uint32_t i = 0; i < list->count && !*stop; ++i) {
      if (!Take(4, offset, path)) return false;
      whole = Leaves(list->offset(i), path, false, visit, stop) && whole;
    }
    return whole;
  }

  uint64_t bytes_taken() const { return hive_.bins_.size() - bytes_left_; }

  // False, and a report, for a cell that the walk has met before.
  bool Claim(uint32_t offset, string_view what, string_view path) {
    bool first = true;
    if (seen_ == nullptr) {
      first = met_.insert(offset).second;
    } else {
      first = !(*seen_)[offset / 8];
      (*seen_)[offset / 8] = true;
    }
    return first || Report(offset, absl::StrCat(what, ": referenced more than once"), path);
  }

  // Both return false, so that a caller can report and give up in one statement.
  bool Report(uint32_t offset, string_view what, string_view path) {
    if (damage_ != nullptr) {
      damage_->Add({uint64_t{offset} + base_block::kSize, std::string(what), std::string(path)});
    }
    return false;
  }
  bool Report(const absl::Status& status, uint32_t offset, string_view path) {
    if (damage_ == nullptr) return false;
    // Hive::DataLoss puts the hive and the offset before the text; here they are fields.
    const string_view message = status.message();
    const size_t at = message.find(": ", message.find(": at 0x") + 2);
    return Report(offset, at == string_view::npos ? message : message.substr(at + 2), path);
  }

 private:
  // A key without elements has no list either; one that has was changed or damaged, and what it
  // listed is lost.
  bool NoList(const Key& key, uint32_t list_offset, string_view what, string_view path) {
    if (list_offset == kNone) return true;
    return Report(key.cell_,
                  absl::StrFormat("key node: states 0 %ss, but has a %s list at 0x%x", what, what,
                                  list_offset),
                  path);
  }

  // The list keeps a hash or the first characters of each name: a name that was changed behind its
  // back shows. Names outside ASCII are not judged, their hash depends on Windows' case tables.
  bool HintFits(const SubkeyList& leaf, uint32_t i, const Key& key) const {
    if (leaf.kind != ListKind::kHashLeaf && leaf.kind != ListKind::kFastLeaf) return true;
    if (!NameIsCompressed(key.record_, hive_.minor_version_)) return true;
    const string_view name = key.record_.substr(nk::kName);
    uint32_t hash = 0, start = 0;
    for (size_t c = 0; c < name.size(); ++c) {
      const auto code = static_cast<unsigned char>(name[c]);
      if (code >= 0x80) return true;
      const uint32_t upper = UpcaseUtf16(code);
      hash = hash * 37 + upper;
      if (c < 4) start |= upper << (8 * c);
    }
    if (leaf.kind == ListKind::kHashLeaf) return leaf.hint(i) == hash;
    uint32_t hint = leaf.hint(i);
    for (uint32_t shift = 0; shift < 32; shift += 8) {
      const uint32_t upper = UpcaseUtf16(static_cast<char16_t>(hint >> shift & 0xFF));
      hint = (hint & ~(0xFFu << shift)) | (upper & 0xFF) << shift;
    }
    return hint == start;
  }

  bool LeafKeys(const SubkeyList& leaf, string_view path, absl::FunctionRef<bool(const Key&)> visit,
                bool* stop) {
    bool whole = true;
    for (uint32_t i = 0; i < leaf.count && !*stop; ++i) {
      if (!Take(4, leaf.cell, path)) return false;
      absl::StatusOr<Key> subkey = hive_.KeyAt(leaf.offset(i));
      if (!subkey.ok()) {
        whole = Report(subkey.status(), leaf.offset(i), path);
        continue;
      }
      if (!Claim(leaf.offset(i), "key node", path)) {
        whole = false;
        continue;
      }
      if (!Take(subkey->record_.size(), leaf.cell, path)) return false;
      if (!HintFits(leaf, i, *subkey)) {
        whole = Report(leaf.offset(i),
                       absl::StrCat("key node: name \"", subkey->name(),
                                    "\" is not the one that its list has a hint of"),
                       path);
      }
      if (!visit(*subkey)) *stop = true;
    }
    return whole;
  }

  // False, and a report, when the lists and records read so far no longer fit into the hive.
  bool Take(uint64_t bytes, uint32_t list, string_view path) {
    if (bytes_left_ < bytes) {
      bytes_left_ = 0;
      return Report(list, "list: overlaps with others", path);
    }
    bytes_left_ -= bytes;
    return true;
  }

  const Hive& hive_;
  DamageLog* damage_;
  std::vector<bool>* seen_;
  uint64_t bytes_left_;
  absl::flat_hash_set<uint32_t> met_;  // Without a bitmap: the cells of this visit.
};

// ---------------------------------------------------------------- Key: lists and lookup

bool Key::VisitSubkeys(absl::FunctionRef<bool(const Key&)> visit, DamageLog* damage) const {
  Walker walker(*hive_, damage, nullptr);
  if (!hive_->Admit(cell_, Hive::Kind::kSubkeys)) {
    return walker.Report(cell_, "subkey list: overlaps with those of other keys", name());
  }
  const bool whole = walker.Subkeys(*this, name(), visit);
  hive_->Charge(cell_, Hive::Kind::kSubkeys, walker.bytes_taken());
  return whole;
}

bool Key::VisitValues(absl::FunctionRef<bool(const Value&)> visit, DamageLog* damage) const {
  Walker walker(*hive_, damage, nullptr);
  if (KeyFlags(record_) & nk::kPredefinedHandle) {
    return walker.Report(cell_, "key node: a predefined handle hides its values", name());
  }
  if (!hive_->Admit(cell_, Hive::Kind::kValues)) {
    return walker.Report(cell_, "value list: overlaps with those of other keys", name());
  }
  const bool whole = walker.Values(*this, name(), visit);
  hive_->Charge(cell_, Hive::Kind::kValues, walker.bytes_taken());
  return whole;
}

namespace {

// What the fast path of a lookup compares before it reads a key node.
struct WantedName {
  string_view name;
  uint32_t hash;
};

}  // namespace

absl::StatusOr<Key> Key::FindSubkey(string_view name) const {
  const uint32_t minor = hive_->minor_version_;
  const auto compare = [&](uint32_t offset) -> absl::optional<int> {
    absl::StatusOr<Key> key = hive_->KeyAt(offset);
    if (!key.ok()) return absl::nullopt;
    return CompareNames(name, key->name());
  };
  const auto matches = [&](const Key& key) {
    return NameEquals(key.record_.substr(nk::kName), NameIsCompressed(key.record_, minor), name);
  };
  const WantedName wanted{name, HashLeafHash(name)};

  // Fast path, as Windows does it: the leaf whose range holds the name, then hash or order. It may
  // miss in a damaged list; then every element is compared below.
  const auto leaf_at = [&](uint32_t offset) -> absl::optional<SubkeyList> {
    absl::StatusOr<string_view> cell = hive_->Cell(offset, list::kElements, "subkey list");
    if (!cell.ok()) return absl::nullopt;
    absl::StatusOr<SubkeyList> list = ParseList(*cell);
    if (!list.ok() || list->count == 0) return absl::nullopt;
    return *list;
  };
  absl::optional<SubkeyList> leaf = leaf_at(LoadLe32(record_.data() + nk::kSubkeyList));
  if (leaf && leaf->kind == ListKind::kIndexRoot) {
    const SubkeyList root = *leaf;
    uint32_t low = 0, high = root.count;  // The last leaf whose first name is not above `name`.
    leaf.reset();
    while (low < high) {
      const uint32_t middle = low + (high - low) / 2;
      const absl::optional<SubkeyList> candidate = leaf_at(root.offset(middle));
      const absl::optional<int> order = candidate && candidate->kind != ListKind::kIndexRoot
                                            ? compare(candidate->offset(0))
                                            : absl::nullopt;
      if (!order) break;
      if (*order < 0) {
        high = middle;
      } else {
        leaf = candidate;
        low = middle + 1;
      }
    }
  }
  // Windows makes no two subkeys of one name. Where there are, nobody can say which one counts.
  const auto ambiguous = [&] {
    return hive_->DataLoss(cell_, absl::StrCat("key node: two subkeys are named ", name));
  };
  if (leaf && leaf->kind == ListKind::kHashLeaf) {
    absl::optional<Key> found;
    for (uint32_t i = 0; i < leaf->count; ++i) {
      if (leaf->hint(i) != wanted.hash) continue;
      absl::StatusOr<Key> key = hive_->KeyAt(leaf->offset(i));
      if (!key.ok() || !matches(*key)) continue;
      if (found) return ambiguous();
      found = *key;
    }
    if (found) return *found;
  } else if (leaf && leaf->kind != ListKind::kIndexRoot) {
    uint32_t low = 0, high = leaf->count;
    while (low < high) {
      const uint32_t middle = low + (high - low) / 2;
      const absl::optional<int> order = compare(leaf->offset(middle));
      if (!order) break;
      if (*order == 0) {
        const bool twice =
            (middle > 0 && compare(leaf->offset(middle - 1)).value_or(1) == 0) ||
            (middle + 1 < leaf->count && compare(leaf->offset(middle + 1)).value_or(1) == 0);
        if (twice) return ambiguous();
        return hive_->KeyAt(leaf->offset(middle));
      }
      if (*order < 0) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
  }

  absl::optional<Key> found;
  bool twice = false;
  DamageLog damage;
  const bool whole = VisitSubkeys(
      [&](const Key& key) {
        if (!matches(key)) return true;
        twice = found.has_value();
        found = key;
        return !twice;
      },
      &damage);
  if (twice) return ambiguous();
  if (found) return *found;
  if (!whole) {
    const Damage& first = damage.kept().front();
    return absl::DataLossError(absl::StrFormat("hive %s: subkey %s of %s may be lost: at 0x%x: %s",
                                               hive_->name_, name, this->name(), first.file_offset,
                                               first.what));
  }
  return absl::NotFoundError(absl::StrCat("key ", this->name(), " has no subkey ", name));
}

absl::StatusOr<Value> Key::FindValue(string_view name) const {
  absl::optional<Value> found;
  bool twice = false;
  DamageLog damage;
  const bool whole = VisitValues(
      [&](const Value& value) {
        const bool compressed =
            ValueFlags(value.record_, hive_->minor_version_) & vk::kCompressedName;
        if (!NameEquals(value.record_.substr(vk::kName), compressed, name)) return true;
        twice = found.has_value();
        found = value;
        return !twice;
      },
      &damage);
  if (twice) {
    return hive_->DataLoss(cell_, absl::StrCat("key node: two values are named ", name));
  }
  if (found) return *found;
  if (!whole) {
    const Damage& first = damage.kept().front();
    return absl::DataLossError(absl::StrFormat("hive %s: value %s of %s may be lost: at 0x%x: %s",
                                               hive_->name_, name, this->name(), first.file_offset,
                                               first.what));
  }
  return absl::NotFoundError(absl::StrCat("key ", this->name(), " has no value ", name));
}

// ---------------------------------------------------------------- Hive: full walk and bins

WalkTotals Hive::Walk(absl::FunctionRef<void(const Key&, string_view)> visit,
                      DamageLog* damage) const {
  WalkTotals totals;
  std::vector<bool> seen(bins_.size() / 8 + 1);
  Walker walker(*this, damage, &seen);
  seen[root_cell_ / 8] = true;

  // Depth first with an explicit stack; each entry remembers the length of its parent's path.
  struct Pending {
    uint32_t cell;
    uint32_t depth;
    size_t parent_path;
  };
  std::vector<Pending> stack{{root_cell_, 0, 0}};
  std::string path;
  while (!stack.empty()) {
    const Pending next = stack.back();
    stack.pop_back();
    absl::StatusOr<Key> key = KeyAt(next.cell);
    if (!key.ok()) continue;  // Was readable when its parent listed it; the image does not change.
    path.resize(next.parent_path);
    if (next.depth > 0) {
      if (!path.empty()) path.push_back('\\');
      path += key->name();
    }
    ++totals.keys;
    visit(*key, path);
    walker.Values(*key, path, [&](const Value&) {
      ++totals.values;
      return true;
    });
    const size_t first_child = stack.size();
    if (next.depth >= kMaxDepth) {
      if (key->subkey_count() > 0) {
        walker.Report(next.cell, absl::StrCat("key node: deeper than ", kMaxDepth, " levels"),
                      path);
      }
      continue;
    }
    walker.Subkeys(*key, path, [&](const Key& subkey) {
      stack.push_back({subkey.cell(), next.depth + 1, path.size()});
      return true;
    });
    std::reverse(stack.begin() + first_child, stack.end());
  }
  return totals;
}

void Hive::CheckBins(DamageLog* damage) const {
  // With a bad checksum everything up to the end of the file is read, but padding is no bin.
  const uint64_t end = stated_bins_size_ >= bin::kAlignment
                           ? std::min<uint64_t>(stated_bins_size_, bins_.size())
                           : bins_.size();
  for (uint64_t offset = 0; offset < end;) {
    const auto bad = [&](string_view what) {
      damage->Add({offset + base_block::kSize, absl::StrCat("bin: ", what), ""});
      offset += bin::kAlignment;
    };
    if (bins_.size() - offset < bin::kHeaderSize) {
      bad("header is cut off");
      continue;
    }
    const char* p = bins_.data() + offset;
    const uint32_t size = LoadLe32(p + bin::kBinSize);
    if (string_view(p, 4) != bin::kSignature) {
      bad(absl::StrFormat("signature 0x%08x is not hbin", LoadLe32(p)));
    } else if (LoadLe32(p + bin::kOffset) != offset) {
      bad(absl::StrFormat("states offset 0x%x, stands at 0x%x", LoadLe32(p + bin::kOffset),
                          offset));
    } else if (size % bin::kAlignment != 0 || size == 0 || size > bins_.size() - offset) {
      bad(absl::StrFormat("size 0x%x does not fit", size));
    } else {
      offset += size;
    }
  }
}

}  // namespace patchgate::regf
