#include "servicing/regf/hive_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_split.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/regf/types.h"

namespace patchgate::regf {
namespace {

std::u16string SortKey(absl::string_view name) {
  const std::string units = Utf8ToUtf16Le(name);
  std::u16string key;
  key.reserve(units.size() / 2);
  for (size_t i = 0; i < units.size(); i += 2) {
    key.push_back(UpcaseUtf16(static_cast<char16_t>(LoadLe16(units.data() + i))));
  }
  return key;
}

std::string WithTerminator(absl::string_view text) {
  return Utf8ToUtf16Le(text) + std::string(2, '\0');
}

// A name as it is stored.
struct StoredName {
  StoredName(absl::string_view utf8, bool may_compress) : bytes(Utf8ToUtf16Le(utf8)) {
    utf16_size = bytes.size();
    for (size_t i = 1; i < bytes.size(); i += 2) may_compress = may_compress && bytes[i] == 0;
    compressed = may_compress;
    if (!compressed) return;
    for (size_t i = 0; i < bytes.size() / 2; ++i) bytes[i] = bytes[2 * i];
    bytes.resize(bytes.size() / 2);
  }
  std::string bytes;
  size_t utf16_size;
  bool compressed;
};

// Owner Administrators, group SYSTEM, one entry: SYSTEM may do everything.
std::string SecurityDescriptor() {
  std::string d(20, '\0');
  d[0] = 1;                  // Revision
  StoreLe16(&d[2], 0x8004);  // Self-relative, access list present
  StoreLe32(&d[4], 20);      // Owner
  StoreLe32(&d[8], 36);      // Group
  StoreLe32(&d[16], 48);     // Access list
  const std::string system("\x01\x01\0\0\0\0\0\x05\x12\0\0\0", 12);
  d += std::string("\x01\x02\0\0\0\0\0\x05\x20\0\0\0\x20\x02\0\0", 16) + system;
  d += std::string("\x02\0\x1C\0\x01\0\0\0", 8);             // Revision, size 28, one entry
  d += std::string("\0\x02\x14\0\x3F\0\x0F\0", 8) + system;  // Allow KEY_ALL_ACCESS, inherited
  return d;
}

}  // namespace

// Lays out one hive. A key's own records come right after it, then its subkeys with theirs.
class HiveWriter {
 public:
  explicit HiveWriter(const HiveBuilder::Options& options)
      : options_(options),
        leaf_(options.leaf),
        cell_header_size_(options.minor_version == 1 ? 8 : 4),
        cell_alignment_(options.minor_version == 1 ? 16 : 8) {
    if (leaf_ == Leaf::kByVersion) {
      leaf_ = options.minor_version <= 2   ? Leaf::kIndexLeaf
              : options.minor_version <= 4 ? Leaf::kFastLeaf
                                           : Leaf::kHashLeaf;
    }
    out_.resize(base_block::kSize);
  }

  std::string Write(HiveBuilder::Key* root, uint32_t* security_cell) {
    WriteKeyNode(root, kNone, nk::kHiveEntry | nk::kNoDelete);
    security_cell_ = *security_cell = WriteSecurity();
    StoreLe32(Record(root->cell_) + nk::kSecurity, security_cell_);
    WriteContent(root);
    StoreLe32(Record(security_cell_) + sk::kReferenceCount, key_count_);
    Close(bin_);
    WriteBaseBlock(root->cell_);
    return std::move(out_);
  }

 private:
  using Leaf = HiveBuilder::Leaf;
  using Key = HiveBuilder::Key;

  // All are offsets in the hive bins data; the last cell counts from the start of the bin.
  struct Bin {
    uint32_t start = 0, used = 0, end = 0, last_cell = kNone;
    uint32_t room() const { return end - used; }
  };

  // Returns a zeroed cell for a record of `size` bytes.
  uint32_t Allocate(size_t size) {
    const uint32_t cell_size = static_cast<uint32_t>(
        (cell_header_size_ + size + cell_alignment_ - 1) / cell_alignment_ * cell_alignment_);
    if (cell_size <= bin_.room()) return Take(&bin_, cell_size);
    Bin fresh = AddBin(cell_size);
    const uint32_t cell = Take(&fresh, cell_size);
    if (fresh.room() > bin_.room()) std::swap(fresh, bin_);
    Close(fresh);
    return cell;
  }

  Bin AddBin(uint32_t cell_size) {
    const size_t size =
        (bin::kHeaderSize + cell_size + bin::kAlignment - 1) / bin::kAlignment * bin::kAlignment;
    Bin b;
    b.start = static_cast<uint32_t>(out_.size() - base_block::kSize);
    b.used = b.start + bin::kHeaderSize;
    b.end = static_cast<uint32_t>(b.start + size);
    out_.resize(out_.size() + size);
    char* header = At(b.start);
    std::copy_n(bin::kSignature, 4, header);
    StoreLe32(header + bin::kOffset, b.start);
    StoreLe32(header + bin::kBinSize, static_cast<uint32_t>(size));
    if (b.start == 0) StoreLe64(header + bin::kTimestamp, options_.last_written);
    return b;
  }

  uint32_t Take(Bin* b, uint32_t cell_size) {
    const uint32_t cell = b->used;
    StoreLe32(At(cell), 0 - cell_size);
    if (cell_header_size_ == 8) StoreLe32(At(cell) + 4, b->last_cell);
    b->last_cell = cell - b->start;
    b->used += cell_size;
    return cell;
  }

  // Leaves the rest of the bin as one free cell.
  void Close(const Bin& b) {
    if (b.room() == 0) return;
    StoreLe32(At(b.used), b.room());
    if (cell_header_size_ == 8) StoreLe32(At(b.used) + 4, b.last_cell);
  }

  char* At(uint32_t offset) { return &out_[base_block::kSize + offset]; }
  char* Record(uint32_t cell) { return At(cell) + cell_header_size_; }

  uint32_t WriteBytes(absl::string_view bytes, size_t least_size = 0) {
    const uint32_t cell = Allocate(std::max(bytes.size(), least_size));
    std::copy(bytes.begin(), bytes.end(), Record(cell));
    return cell;
  }

  uint32_t WriteOffsets(const std::vector<uint32_t>& offsets) {
    const uint32_t cell = Allocate(4 * offsets.size());
    for (size_t i = 0; i < offsets.size(); ++i) StoreLe32(Record(cell) + 4 * i, offsets[i]);
    return cell;
  }

  uint32_t WriteSecurity() {
    const std::string descriptor = SecurityDescriptor();
    const uint32_t cell = Allocate(sk::kDescriptor + descriptor.size());
    char* record = Record(cell);
    std::copy_n("sk", 2, record);
    StoreLe32(record + sk::kFlink, cell);
    StoreLe32(record + sk::kBlink, cell);
    StoreLe32(record + sk::kDescriptorSize, static_cast<uint32_t>(descriptor.size()));
    std::copy(descriptor.begin(), descriptor.end(), record + sk::kDescriptor);
    return cell;
  }

  StoredName Stored(absl::string_view name) const {
    return StoredName(name, options_.minor_version != 1);
  }

  void WriteKeyNode(Key* key, uint32_t parent, int flags) {
    ++key_count_;
    const StoredName name = Stored(key->name_);
    key->cell_ = Allocate(nk::kName + name.bytes.size());
    char* record = Record(key->cell_);
    std::copy_n("nk", 2, record);
    StoreLe16(
        record + nk::kFlags,
        static_cast<uint16_t>(key->flags_ | flags | (name.compressed ? nk::kCompressedName : 0)));
    StoreLe64(record + nk::kLastWritten, key->last_written_);
    record[nk::kLayerBits] = static_cast<char>(key->layer_);
    StoreLe32(record + nk::kParent, parent);
    for (const size_t field :
         {nk::kSubkeyList, nk::kVolatileSubkeyList, nk::kValueList, nk::kClassName}) {
      StoreLe32(record + field, kNone);
    }
    StoreLe32(record + nk::kSecurity, security_cell_);
    StoreLe16(record + nk::kNameLength, static_cast<uint16_t>(name.bytes.size()));
    std::copy(name.bytes.begin(), name.bytes.end(), record + nk::kName);
  }

  // Everything below the key node.
  void WriteContent(Key* key) {
    key->subkey_list_cell_ = key->value_list_cell_ = key->class_name_cell_ = kNone;
    if (!key->class_name_.empty()) WriteClassName(key);
    if (!key->values_.empty()) WriteValues(key);
    if (!key->subkeys_.empty()) WriteSubkeys(key);
  }

  void WriteClassName(Key* key) {
    const std::string bytes = Utf8ToUtf16Le(key->class_name_);
    key->class_name_cell_ = WriteBytes(bytes);
    char* record = Record(key->cell_);
    StoreLe32(record + nk::kClassName, key->class_name_cell_);
    StoreLe16(record + nk::kClassLength, static_cast<uint16_t>(bytes.size()));
  }

  void WriteValues(Key* key) {
    size_t largest_name = 0, largest_data = 0;
    std::vector<uint32_t> cells;
    key->value_list_cell_ = Allocate(4 * key->values_.size());
    for (Key::Value& value : key->values_) {
      const StoredName name = Stored(value.name);
      WriteValue(name, &value);
      cells.push_back(value.cell);
      largest_name = std::max(largest_name, name.utf16_size);
      largest_data = std::max(largest_data, value.data.size());
    }
    for (size_t i = 0; i < cells.size(); ++i) {
      StoreLe32(Record(key->value_list_cell_) + 4 * i, cells[i]);
    }
    char* record = Record(key->cell_);
    StoreLe32(record + nk::kValueCount, static_cast<uint32_t>(cells.size()));
    StoreLe32(record + nk::kValueList, key->value_list_cell_);
    StoreLe32(record + nk::kLargestValueName, static_cast<uint32_t>(largest_name));
    StoreLe32(record + nk::kLargestValueData, static_cast<uint32_t>(largest_data));
  }

  void WriteValue(const StoredName& name, Key::Value* value) {
    value->cell = Allocate(vk::kName + name.bytes.size());
    const uint32_t size = static_cast<uint32_t>(value->data.size());
    const bool is_inline = size <= 4 && !value->tombstone;
    value->data_cell = size <= 4 ? kNone : WriteData(value->data);
    char* record = Record(value->cell);
    std::copy_n("vk", 2, record);
    StoreLe16(record + vk::kNameLength, static_cast<uint16_t>(name.bytes.size()));
    StoreLe32(record + vk::kDataSize, is_inline ? size | vk::kInlineData : size);
    StoreLe32(record + vk::kType, value->type);
    if (is_inline) {
      std::copy(value->data.begin(), value->data.end(), record + vk::kData);
    } else {
      StoreLe32(record + vk::kData, value->data_cell);
    }
    StoreLe16(record + vk::kFlags,
              static_cast<uint16_t>((name.compressed ? vk::kCompressedName : 0) |
                                    (value->tombstone ? vk::kTombstone : 0)));
    std::copy(name.bytes.begin(), name.bytes.end(), record + vk::kName);
  }

  uint32_t WriteData(absl::string_view data) {
    if (options_.minor_version < 4 || data.size() <= db::kSegmentSize) return WriteBytes(data);
    const uint32_t cell = Allocate(db::kHeaderSize);
    std::vector<uint32_t> segments;
    for (size_t pos = 0; pos < data.size(); pos += db::kSegmentSize) {
      // Windows gives the last segment, too, a cell of full size.
      segments.push_back(WriteBytes(data.substr(pos, db::kSegmentSize), db::kSegmentSize));
    }
    const uint32_t segment_list = WriteOffsets(segments);
    char* record = Record(cell);
    std::copy_n("db", 2, record);
    StoreLe16(record + db::kSegmentCount, static_cast<uint16_t>(segments.size()));
    StoreLe32(record + db::kSegmentList, segment_list);
    return cell;
  }

  void WriteSubkeys(Key* key) {
    size_t largest_name = 0, largest_class = 0;
    std::vector<Key*> subkeys;
    for (const auto& entry : key->subkeys_) {
      subkeys.push_back(entry.second.get());
      largest_name = std::max(largest_name, Utf8ToUtf16Le(subkeys.back()->name_).size());
      largest_class = std::max(largest_class, Utf8ToUtf16Le(subkeys.back()->class_name_).size());
    }
    const size_t per_leaf =
        std::min<size_t>(std::max<size_t>(options_.max_leaf_elements, 1), 65535);
    std::vector<uint32_t> leaves;
    for (size_t i = 0; i < subkeys.size(); i += per_leaf) {
      const size_t count = std::min(per_leaf, subkeys.size() - i);
      leaves.push_back(Allocate(list::kElements + ElementSize() * count));
    }
    key->subkey_list_cell_ = leaves.size() == 1 ? leaves[0] : WriteIndexRoot(leaves);

    for (Key* subkey : subkeys) {
      WriteKeyNode(subkey, key->cell_, 0);
      WriteContent(subkey);
    }
    for (size_t i = 0; i < leaves.size(); ++i) {
      const auto first = subkeys.begin() + i * per_leaf;
      FillLeaf(leaves[i], {first, first + std::min<size_t>(per_leaf, subkeys.end() - first)});
    }
    char* record = Record(key->cell_);
    StoreLe32(record + nk::kSubkeyCount, static_cast<uint32_t>(subkeys.size()));
    StoreLe32(record + nk::kSubkeyList, key->subkey_list_cell_);
    StoreLe32(record + nk::kLargestSubkeyName, static_cast<uint32_t>(largest_name));
    StoreLe32(record + nk::kLargestClassName, static_cast<uint32_t>(largest_class));
  }

  size_t ElementSize() const { return leaf_ == Leaf::kIndexLeaf ? 4 : 8; }

  uint32_t WriteIndexRoot(const std::vector<uint32_t>& leaves) {
    const uint32_t cell = Allocate(list::kElements + 4 * leaves.size());
    char* record = Record(cell);
    std::copy_n("ri", 2, record);
    StoreLe16(record + list::kCount, static_cast<uint16_t>(leaves.size()));
    for (size_t i = 0; i < leaves.size(); ++i) {
      StoreLe32(record + list::kElements + 4 * i, leaves[i]);
    }
    return cell;
  }

  void FillLeaf(uint32_t cell, const std::vector<Key*>& subkeys) {
    char* record = Record(cell);
    const char* signature = leaf_ == Leaf::kIndexLeaf  ? "li"
                            : leaf_ == Leaf::kFastLeaf ? "lf"
                                                       : "lh";
    std::copy_n(signature, 2, record);
    StoreLe16(record + list::kCount, static_cast<uint16_t>(subkeys.size()));
    char* element = record + list::kElements;
    for (const Key* subkey : subkeys) {
      StoreLe32(element, subkey->cell_);
      if (leaf_ == Leaf::kFastLeaf) StoreHint(subkey->name_, element + 4);
      if (leaf_ == Leaf::kHashLeaf) StoreLe32(element + 4, HashLeafHash(subkey->name_));
      element += ElementSize();
    }
  }

  // The first four characters; none if they are not all extended ASCII.
  static void StoreHint(absl::string_view name, char* hint) {
    const std::string units = Utf8ToUtf16Le(name).substr(0, 8);
    for (size_t i = 1; i < units.size(); i += 2) {
      if (units[i] != 0) return;
    }
    for (size_t i = 0; i < units.size(); i += 2) hint[i / 2] = units[i];
  }

  void WriteBaseBlock(uint32_t root_cell) {
    char* block = &out_[0];
    std::copy_n(base_block::kSignature, 4, block);
    StoreLe32(block + base_block::kPrimarySequence, options_.primary_sequence);
    StoreLe32(block + base_block::kSecondarySequence, options_.secondary_sequence);
    StoreLe64(block + base_block::kLastWritten, options_.last_written);
    StoreLe32(block + base_block::kMajorVersion, 1);
    StoreLe32(block + base_block::kMinorVersion, options_.minor_version);
    StoreLe32(block + base_block::kFileType, kPrimaryFile);
    StoreLe32(block + base_block::kFileFormat, 1);
    StoreLe32(block + base_block::kRootCell, root_cell);
    StoreLe32(block + base_block::kHiveBinsSize,
              static_cast<uint32_t>(out_.size() - base_block::kSize));
    StoreLe32(block + base_block::kClusteringFactor, 1);
    const std::string name = Utf8ToUtf16Le(options_.file_name);
    const size_t kept = std::min(name.size(), base_block::kFileNameSize - 2);
    std::copy(name.end() - kept, name.end(), block + base_block::kFileName);
    FixChecksum(&out_);
  }

  const HiveBuilder::Options& options_;
  Leaf leaf_;
  const uint32_t cell_header_size_;
  const uint32_t cell_alignment_;
  std::string out_;
  Bin bin_;  // The one that is being filled.
  uint32_t security_cell_ = kNone;
  uint32_t key_count_ = 0;
};

HiveBuilder::Key* HiveBuilder::Key::AddKey(absl::string_view path) {
  Key* key = this;
  for (const absl::string_view part : absl::StrSplit(path, '\\', absl::SkipEmpty())) {
    const auto found = key->subkeys_.find(SortKey(part));
    key = found != key->subkeys_.end() ? found->second.get() : key->AddDuplicateKey(part);
  }
  return key;
}

HiveBuilder::Key* HiveBuilder::Key::AddDuplicateKey(absl::string_view name) {
  return subkeys_.emplace(SortKey(name), std::unique_ptr<Key>(new Key(name)))->second.get();
}

bool HiveBuilder::Key::RemoveKey(absl::string_view name) {
  const auto found = subkeys_.find(SortKey(name));
  if (found == subkeys_.end()) return false;
  subkeys_.erase(found);
  return true;
}

const HiveBuilder::Key* HiveBuilder::Key::FindKey(absl::string_view path) const {
  const Key* key = this;
  for (const absl::string_view part : absl::StrSplit(path, '\\', absl::SkipEmpty())) {
    const auto found = key->subkeys_.find(SortKey(part));
    if (found == key->subkeys_.end()) return nullptr;
    key = found->second.get();
  }
  return key;
}

std::vector<HiveBuilder::Key::Value>::const_iterator HiveBuilder::Key::Find(
    absl::string_view name) const {
  const uint32_t hash = HashLeafHash(name);
  return std::find_if(values_.begin(), values_.end(), [&](const Value& v) {
    return v.name_hash == hash && NamesEqual(v.name, name);
  });
}

HiveBuilder::Key::Value* HiveBuilder::Key::FindOrAddValue(absl::string_view name) {
  const auto found = Find(name);
  if (found != values_.end()) return &values_[found - values_.begin()];
  values_.push_back({std::string(name), HashLeafHash(name), kRegNone, "", false});
  return &values_.back();
}

HiveBuilder::Key* HiveBuilder::Key::SetValue(absl::string_view name, uint32_t type,
                                             absl::string_view raw) {
  Value* value = FindOrAddValue(name);
  value->type = type;
  value->data = std::string(raw);
  value->tombstone = false;
  return this;
}

HiveBuilder::Key* HiveBuilder::Key::SetDword(absl::string_view name, uint32_t data) {
  char raw[4];
  StoreLe32(raw, data);
  return SetValue(name, kRegDword, absl::string_view(raw, sizeof(raw)));
}

HiveBuilder::Key* HiveBuilder::Key::SetQword(absl::string_view name, uint64_t data) {
  char raw[8];
  StoreLe64(raw, data);
  return SetValue(name, kRegQword, absl::string_view(raw, sizeof(raw)));
}

HiveBuilder::Key* HiveBuilder::Key::SetBinary(absl::string_view name, absl::string_view data) {
  return SetValue(name, kRegBinary, data);
}

HiveBuilder::Key* HiveBuilder::Key::SetString(absl::string_view name, absl::string_view text) {
  return SetValue(name, kRegSz, WithTerminator(text));
}

HiveBuilder::Key* HiveBuilder::Key::SetExpandString(absl::string_view name,
                                                    absl::string_view text) {
  return SetValue(name, kRegExpandSz, WithTerminator(text));
}

HiveBuilder::Key* HiveBuilder::Key::SetMultiString(absl::string_view name,
                                                   const std::vector<std::string>& texts) {
  std::string raw;
  for (const std::string& text : texts) raw += WithTerminator(text);
  return SetValue(name, kRegMultiSz, raw + std::string(2, '\0'));
}

HiveBuilder::Key* HiveBuilder::Key::SetTombstoneValue(absl::string_view name) {
  SetValue(name, kRegNone, "");
  FindOrAddValue(name)->tombstone = true;
  return this;
}

bool HiveBuilder::Key::RemoveValue(absl::string_view name) {
  const auto found = Find(name);
  if (found == values_.end()) return false;
  values_.erase(found);
  return true;
}

HiveBuilder::Key* HiveBuilder::Key::set_last_written(FileTime t) {
  last_written_ = t;
  return this;
}

HiveBuilder::Key* HiveBuilder::Key::set_class_name(absl::string_view utf8) {
  class_name_ = std::string(utf8);
  return this;
}

HiveBuilder::Key* HiveBuilder::Key::set_symbolic_link(absl::string_view target) {
  flags_ |= nk::kSymbolicLink;
  return SetValue("SymbolicLinkValue", kRegLink, Utf8ToUtf16Le(target));
}

HiveBuilder::Key* HiveBuilder::Key::set_tombstone() {
  layer_ = nk::kLayerTombstone;
  return this;
}

uint32_t HiveBuilder::Key::value_cell(absl::string_view name) const {
  const auto found = Find(name);
  return found == values_.end() ? kNone : found->cell;
}

uint32_t HiveBuilder::Key::data_cell(absl::string_view name) const {
  const auto found = Find(name);
  return found == values_.end() ? kNone : found->data_cell;
}

HiveBuilder::HiveBuilder(Options options)
    : options_(std::move(options)), root_(options_.root_name) {}

std::string HiveBuilder::Build() { return HiveWriter(options_).Write(&root_, &security_cell_); }

uint32_t HiveBuilder::CellOf(absl::string_view path) const {
  const Key* key = root_.FindKey(path);
  return key == nullptr ? kNone : key->cell_;
}

size_t HiveBuilder::RecordOffset(uint32_t cell) const {
  return base_block::kSize + cell + (options_.minor_version == 1 ? 8 : 4);
}

void FixChecksum(std::string* file) {
  StoreLe32(&(*file)[base_block::kChecksum], BaseBlockChecksum(*file));
}

}  // namespace patchgate::regf
