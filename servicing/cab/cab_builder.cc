#include "servicing/cab/cab_builder.h"

#include <algorithm>

#include "servicing/base/little_endian.h"

namespace patchgate::cab {
namespace {

constexpr size_t kHeaderSize = 36, kFolderSize = 8, kFileSize = 16, kBlockHeaderSize = 8;
constexpr size_t kBlock = 32'768;

void Append16(uint32_t value, std::string* out) {
  out->resize(out->size() + 2);
  StoreLe16(&(*out)[out->size() - 2], static_cast<uint16_t>(value));
}
void Append32(uint32_t value, std::string* out) {
  out->resize(out->size() + 4);
  StoreLe32(&(*out)[out->size() - 4], value);
}

// Bits of a deflate stream, least significant first.
class BitWriter {
 public:
  explicit BitWriter(std::string* out) : out_(out) {}
  void Put(uint32_t bits, int count) {
    for (int i = 0; i < count; ++i) {
      if (used_ == 0) out_->push_back(0);
      if (bits >> i & 1) out_->back() = static_cast<char>(out_->back() | 1 << used_);
      used_ = (used_ + 1) % 8;
    }
  }
  // Huffman codes come with their most significant bit first.
  void PutCode(uint32_t code, int count) {
    for (int i = count - 1; i >= 0; --i) Put(code >> i & 1, 1);
  }

 private:
  std::string* out_;
  int used_ = 0;
};

// A block that stores its bytes: final, type 0, size and its complement.
std::string StoredDeflate(absl::string_view bytes) {
  std::string out = "CK\x01";
  Append16(static_cast<uint32_t>(bytes.size()), &out);
  Append16(~static_cast<uint32_t>(bytes.size()), &out);
  out.append(bytes.data(), bytes.size());
  return out;
}

// A block of fixed Huffman codes: one literal, then copies of 258 bytes at distance 1.
std::string RepeatedDeflate(char byte, size_t count) {
  std::string out = "CK";
  BitWriter bits(&out);
  bits.Put(1, 1);
  bits.Put(1, 2);
  const auto literal = [&] { bits.PutCode(0x30u + static_cast<unsigned char>(byte), 8); };
  literal();
  for (--count; count >= 258; count -= 258) {
    bits.PutCode(0xC0 + 5, 8);  // Length symbol 285.
    bits.PutCode(0, 5);         // Distance symbol 0.
  }
  for (; count > 0; --count) literal();
  bits.PutCode(0, 7);  // End of block.
  return out;
}

}  // namespace

CabBuilder& CabBuilder::Add(absl::string_view name, absl::string_view bytes) {
  files_.push_back({std::string(name), static_cast<uint32_t>(bytes.size()),
                    static_cast<uint32_t>(data_.size())});
  data_.append(bytes.data(), bytes.size());
  return *this;
}

CabBuilder& CabBuilder::AddRepeated(absl::string_view name, uint32_t size) {
  is_repeated_ = true;
  return Add(name, std::string(size, 'x'));
}

CabBuilder& CabBuilder::set_claimed_size(uint32_t size) {
  files_.back().size = size;
  return *this;
}

CabBuilder& CabBuilder::set_claimed_offset(uint32_t offset) {
  files_.back().offset = offset;
  return *this;
}

size_t CabBuilder::first_block() const {
  size_t size = kHeaderSize + kFolderSize;
  for (const File& file : files_) size += kFileSize + file.name.size() + 1;
  return size;
}

std::string CabBuilder::Build() const {
  std::string blocks;
  uint32_t count = 0;
  for (size_t at = 0; at < data_.size(); at += kBlock, ++count) {
    const absl::string_view piece = absl::string_view(data_).substr(at, kBlock);
    const std::string packed = is_repeated_                ? RepeatedDeflate('x', piece.size())
                               : method_ == Method::kMsZip ? StoredDeflate(piece)
                                                           : std::string(piece);
    Append32(0, &blocks);  // No checksum.
    Append16(static_cast<uint32_t>(packed.size()), &blocks);
    Append16(static_cast<uint32_t>(piece.size()), &blocks);
    blocks += packed;
  }
  std::string out = "MSCF";
  Append32(0, &out);
  Append32(static_cast<uint32_t>(first_block() + blocks.size()), &out);
  Append32(0, &out);
  Append32(kHeaderSize + kFolderSize, &out);
  Append32(0, &out);
  Append16(0x0103, &out);
  Append16(1, &out);
  Append16(static_cast<uint32_t>(files_.size()), &out);
  Append16(0, &out);
  Append16(0, &out);
  Append16(0, &out);
  Append32(static_cast<uint32_t>(first_block()), &out);
  Append16(count, &out);
  Append16(is_repeated_ || method_ == Method::kMsZip ? 1 : 0, &out);
  for (const File& file : files_) {
    Append32(file.size, &out);
    Append32(file.offset, &out);
    Append16(0, &out);  // Folder.
    Append32(0, &out);  // Date and time.
    Append16(0x20, &out);
    out += file.name;
    out.push_back('\0');
  }
  return out + blocks;
}

}  // namespace patchgate::cab
