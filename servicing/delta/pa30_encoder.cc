#include "servicing/delta/pa30_encoder.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/numeric/bits.h"
#include "absl/strings/str_cat.h"
#include "servicing/base/little_endian.h"
#include "servicing/delta/bit_writer.h"
#include "servicing/delta/composite_format.h"
#include "servicing/delta/prefix_code.h"
#include "servicing/delta/rift_table.h"
#include "servicing/digest/digest.h"

namespace patchgate::delta {
namespace {

constexpr uint32_t kLiterals = 256;

unsigned TopBit(uint64_t v) { return static_cast<unsigned>(63 - absl::countl_zero(v)); }

// One symbol of the LZX-delta stream with all that follows it.
struct Item {
  size_t position = 0;  // In the target.
  uint16_t main = 0;
  uint64_t extra = 0;  // Bits behind the main symbol.
  uint8_t extra_bits = 0;
  int aligned = -1;        // Symbol of the aligned code, or none.
  int length_symbol = -1;  // The same for the length code.
  uint32_t long_length = 0;

  void Append(uint64_t value, unsigned bits) {
    extra |= value << extra_bits;
    extra_bits = static_cast<uint8_t>(extra_bits + bits);
  }
  void SetSlot(unsigned slot) { main = static_cast<uint16_t>(kLiterals + slot * 8); }
};

Item Literal(size_t position, char c) {
  Item item;
  item.position = position;
  item.main = static_cast<unsigned char>(c);
  return item;
}

void SetLength(size_t length, Item* item) {
  if (length <= 8) {
    item->main = static_cast<uint16_t>(item->main + length - 1);
    return;
  }
  const auto rest = static_cast<uint32_t>(length - 8);
  item->length_symbol = rest < kLengthSymbols ? static_cast<int>(rest) : 0;
  if (item->length_symbol == 0) item->long_length = rest;
}

void SetDistance(uint64_t distance, Item* item) {
  if (distance < 4) return item->SetSlot(static_cast<unsigned>(distance) + 7);
  const unsigned bits = TopBit(distance) - 1;
  const auto number = static_cast<unsigned>(2 * (bits + 1) + (distance >> bits & 1));
  item->SetSlot(number < 36 ? number + 7 : 7);
  if (number >= 48) {
    item->Append(3, 2);
    item->Append(number - 48, 4);
  } else if (number >= 40) {
    item->Append(1, 2);
    item->Append(number - 40, 3);
  } else if (number >= 36) {
    item->Append(0, 1);
    item->Append(number - 36, 2);
  }
  const uint64_t low = distance & ((uint64_t{1} << bits) - 1);
  if (bits < 4) return item->Append(low, bits);
  item->Append(low >> 4, bits - 4);
  item->aligned = static_cast<int>(low & 15);
}

// False if the offset is out of reach.
bool SetOffset(int64_t offset, Item* item) {
  if (offset == 0) return item->SetSlot(3), true;
  constexpr int64_t kBefore[] = {0, 0x2000, 0xA000, 0x2A000};
  const int64_t size = offset < 0 ? -offset - 1 : offset;
  for (unsigned slot = 0; slot < 3; ++slot) {
    if (size >= kBefore[slot + 1]) continue;
    const unsigned bits = 14 + 2 * slot;
    const int64_t value = offset < 0 ? offset + kBefore[slot] : offset - kBefore[slot];
    item->SetSlot(slot);
    item->Append(static_cast<uint64_t>(value + (int64_t{1} << (bits - 1))), bits);
    return true;
  }
  return false;
}

int CostOf(const Item& item) {
  return 10 + item.extra_bits + (item.aligned >= 0 ? 4 : 0) + (item.length_symbol >= 0 ? 8 : 0);
}

// How deep each leaf of a Huffman tree lies. `weights` grow and have two entries at least.
std::vector<unsigned> LeafDepths(std::vector<uint64_t> weights) {
  const size_t leaves = weights.size(), nodes = 2 * leaves - 1;
  std::vector<size_t> parents(nodes);
  // Inner nodes follow the leaves; their weights grow as they are made, too.
  size_t leaf = 0, inner = leaves;
  const auto take = [&] {
    const bool is_leaf =
        leaf < leaves && (inner == weights.size() || weights[leaf] <= weights[inner]);
    const size_t node = is_leaf ? leaf++ : inner++;
    parents[node] = weights.size();
    return weights[node];
  };
  while (weights.size() < nodes) {
    const uint64_t first = take();
    weights.push_back(first + take());
  }
  std::vector<unsigned> depths(nodes);
  for (size_t node = nodes - 1; node-- > 0;) depths[node] = depths[parents[node]] + 1;
  depths.resize(leaves);
  return depths;
}

// Lengths of a code for symbols of these frequencies, none longer than `limit`. At least two
// symbols get a code; without any use all do.
void MakeLengths(std::vector<uint32_t> frequencies, unsigned limit, uint8_t* lengths) {
  const size_t n = frequencies.size();
  const auto unused = std::count(frequencies.begin(), frequencies.end(), 0u);
  const size_t used = n - static_cast<size_t>(unused);
  if (used == 0) std::fill(frequencies.begin(), frequencies.end(), 1);
  if (used == 1) frequencies[frequencies[0] == 0 ? 0 : 1] = 1;
  std::vector<size_t> order;
  for (size_t i = 0; i < n; ++i) {
    lengths[i] = 0;
    if (frequencies[i] != 0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return frequencies[a] < frequencies[b]; });
  for (;;) {
    std::vector<uint64_t> weights;
    for (size_t symbol : order) weights.push_back(frequencies[symbol]);
    const std::vector<unsigned> depths = LeafDepths(std::move(weights));
    if (*std::max_element(depths.begin(), depths.end()) <= limit) {
      for (size_t i = 0; i < order.size(); ++i) lengths[order[i]] = static_cast<uint8_t>(depths[i]);
      return;
    }
    // Less skewed frequencies make a flatter tree.
    for (size_t symbol : order) frequencies[symbol] = frequencies[symbol] / 2 + 1;
  }
}

struct Code {
  std::vector<uint8_t> lengths;
  std::vector<uint16_t> codes;

  explicit Code(std::vector<uint8_t> of) : lengths(std::move(of)), codes(lengths.size()) {
    AssignCodes(lengths.data(), lengths.size(), codes.data()).IgnoreError();
  }
  void Write(size_t symbol, BitWriter* writer) const {
    writer->Write(codes[symbol], lengths[symbol]);
  }
};

struct FormatCodes {
  explicit FormatCodes(const FormatLengths& of)
      : lengths(of),
        main({of.begin(), of.begin() + kMainSymbols}),
        length({of.begin() + kMainSymbols, of.begin() + kMainSymbols + kLengthSymbols}),
        aligned({of.begin() + kMainSymbols + kLengthSymbols, of.end()}) {}

  void Write(const Item& item, BitWriter* writer) const {
    main.Write(item.main, writer);
    writer->Write(item.extra, item.extra_bits);
    if (item.aligned >= 0) aligned.Write(static_cast<size_t>(item.aligned), writer);
    if (item.length_symbol < 0) return;
    length.Write(static_cast<size_t>(item.length_symbol), writer);
    if (item.length_symbol == 0) writer->WriteLongNumber(item.long_length);
  }

  FormatLengths lengths;
  Code main, length, aligned;
};

FormatLengths LengthsFor(const Item* begin, const Item* end) {
  std::vector<uint32_t> main(kMainSymbols), length(kLengthSymbols), aligned(kAlignedSymbols);
  for (const Item* item = begin; item != end; ++item) {
    ++main[item->main];
    if (item->length_symbol >= 0) ++length[static_cast<size_t>(item->length_symbol)];
    if (item->aligned >= 0) ++aligned[static_cast<size_t>(item->aligned)];
  }
  FormatLengths lengths;
  MakeLengths(main, kLongestCode, lengths.data());
  MakeLengths(length, kLongestCode, lengths.data() + kMainSymbols);
  MakeLengths(aligned, kLongestCode, lengths.data() + kMainSymbols + kLengthSymbols);
  return lengths;
}

// A pre-tree symbol and the bits of its run.
struct LengthSymbol {
  uint8_t symbol;
  uint8_t bits;
  uint8_t run;
};

// Runs end before the last length: one that reaches it is refused by Windows.
void AppendLengthSymbols(const FormatLengths& last, const FormatLengths& lengths,
                         std::vector<LengthSymbol>* symbols) {
  for (size_t i = 0; i < kFormatLengths;) {
    const size_t most = std::min<size_t>(kFormatLengths - 1 - i, 127);
    size_t repeat = 0, copy = 0;
    while (i > 0 && repeat < most && lengths[i + repeat] == lengths[i - 1]) ++repeat;
    while (copy < most && lengths[i + copy] == last[i + copy]) ++copy;
    const size_t run = std::max(repeat, copy);
    if (run > 1 || (run == 1 && copy == 1 && lengths[i] != 0)) {
      const unsigned first = copy > repeat ? 31 : 23;
      const unsigned bits = run < 4 ? 0 : TopBit(run);
      const auto kind = static_cast<unsigned>(run < 4 ? run - 1 : bits + 1);
      const size_t rest = run < 4 ? 0 : run - (size_t{1} << bits);
      symbols->push_back({static_cast<uint8_t>(first + kind), static_cast<uint8_t>(bits),
                          static_cast<uint8_t>(rest)});
      i += run;
      continue;
    }
    const int change = lengths[i] - last[i];
    uint8_t symbol = lengths[i];
    if (last[i] != 0 && change > 0 && change <= 3) symbol = static_cast<uint8_t>(16 + change);
    if (last[i] != 0 && change < 0 && change >= -3) symbol = static_cast<uint8_t>(19 - change);
    symbols->push_back({symbol, 0, 0});
    ++i;
  }
}

void WriteFormats(const std::vector<uint64_t>& starts, const std::vector<FormatCodes>& formats,
                  BitWriter* writer) {
  writer->WriteNumber(formats.size());
  uint64_t last_start = 0;
  for (uint64_t start : starts) {
    writer->WriteNumber(start - last_start);
    last_start = start;
  }
  FormatLengths last = {};
  std::vector<LengthSymbol> symbols;
  for (const FormatCodes& format : formats) {
    AppendLengthSymbols(last, format.lengths, &symbols);
    last = format.lengths;
  }
  std::vector<uint32_t> frequencies(kPretreeSymbols);
  for (const LengthSymbol& symbol : symbols) ++frequencies[symbol.symbol];
  std::vector<uint8_t> lengths(kPretreeSymbols);
  MakeLengths(frequencies, 15, lengths.data());
  const Code pretree(lengths);
  for (uint8_t length : lengths) writer->Write(length, 4);
  for (const LengthSymbol& symbol : symbols) {
    pretree.Write(symbol.symbol, writer);
    writer->Write(symbol.run, symbol.bits);
  }
}

// A number of the rift table: symbol and further bits.
struct RiftNumber {
  explicit RiftNumber(int64_t value) {
    const auto size = static_cast<uint64_t>(value < 0 ? ~value : value);
    bits = size < 4 ? 0 : TopBit(size) - 1;
    symbol = size < 4 ? size : 2 * (bits + 1) + (size >> bits & 1);
    if (value < 0) symbol += kRiftPositiveSymbols;
    extra = size < 4 ? 0 : size & ((uint64_t{1} << bits) - 1);
  }
  size_t symbol;
  uint64_t extra;
  unsigned bits;
};

Code WriteRiftCode(const std::vector<RiftNumber>& numbers, EncodeOptions::RiftCodes kind,
                   BitWriter* writer) {
  std::vector<uint8_t> lengths(kRiftSymbols);
  if (kind == EncodeOptions::RiftCodes::kEqual) {
    constexpr size_t kLonger = 248;  // Eight bits; the last four symbols have seven.
    for (size_t i = 0; i < kRiftSymbols; ++i) lengths[i] = i < kLonger ? 8 : 7;
    writer->Write(0, 8);
    writer->Write(0, 8);
    writer->Write(kLonger, 8);
    writer->Write(8 - 1, 4);
    return Code(lengths);
  }
  size_t positive = kRiftPositiveSymbols, negative = kRiftSymbols - kRiftPositiveSymbols;
  if (kind == EncodeOptions::RiftCodes::kFirst) {
    positive = 2;
    negative = 0;
    for (const RiftNumber& number : numbers) {
      const bool is_positive = number.symbol < kRiftPositiveSymbols;
      if (is_positive) positive = std::max(positive, number.symbol + 1);
      if (!is_positive) negative = std::max(negative, number.symbol - kRiftPositiveSymbols + 1);
    }
  }
  std::vector<uint32_t> frequencies(kRiftSymbols);
  std::fill_n(frequencies.begin(), positive, 1);
  std::fill_n(frequencies.begin() + kRiftPositiveSymbols, negative, 1);
  for (const RiftNumber& number : numbers) frequencies[number.symbol] += 16;
  MakeLengths(frequencies, kLongestCode, lengths.data());
  writer->Write(positive, 8);
  writer->Write(negative, 8);
  writer->Write(0, 8);
  for (size_t i = 0; i < positive; ++i) writer->Write(lengths[i] - 1u, 4);
  for (size_t i = 0; i < negative; ++i) {
    writer->Write(lengths[kRiftPositiveSymbols + i] - 1u, 4);
  }
  writer->Write(0, 4);  // One bit, less one for all the rest: no code.
  return Code(lengths);
}

void WriteRift(const EncodeOptions& options, size_t base_size, BitWriter* writer) {
  writer->Write(options.rift.empty() ? 0 : 1, 1);
  if (options.rift.empty()) return;
  std::vector<RiftNumber> sources, offsets;
  int64_t last_source = 0, last_offset = 0;
  for (const RiftPiece& piece : options.rift) {
    const auto source = static_cast<int64_t>(base_size + piece.target_offset);
    const int64_t offset = piece.base_offset - source;
    sources.emplace_back(source - last_source);
    offsets.emplace_back(offset - last_offset);
    last_source = source;
    last_offset = offset;
  }
  const Code source_code = WriteRiftCode(sources, options.rift_codes, writer);
  const Code offset_code = WriteRiftCode(offsets, options.rift_codes, writer);
  writer->WriteNumber(sources.size());
  for (size_t i = 0; i < sources.size(); ++i) {
    source_code.Write(sources[i].symbol, writer);
    writer->Write(sources[i].extra, sources[i].bits);
    offset_code.Write(offsets[i].symbol, writer);
    writer->Write(offsets[i].extra, offsets[i].bits);
  }
}

std::string HashOf(uint32_t algorithm, absl::string_view target) {
  switch (algorithm) {
    case kHashMd5:
      return digest::Md5(target);
    case kHashSha1:
      return digest::Sha1(target);
    case kHashSha256: {
      const digest::Sha256Digest hash = digest::Sha256(target);
      return std::string(hash.begin(), hash.end());
    }
    default:
      return "";
  }
}

}  // namespace

// Greedy, with hash chains over four bytes of base and target.
class Pa30Encoder::Matcher {
 public:
  explicit Matcher(absl::string_view base) : base_(base) {
    base_chains_.Clear(base.size());
    for (size_t i = 0; i + kHashed <= base.size(); ++i) base_chains_.Insert(base.data(), i);
  }

  const std::vector<Item>& Find(absl::string_view target, const EncodeOptions& options) {
    target_ = target;
    options_ = &options;
    items_.clear();
    target_chains_.Clear(target.size());
    std::fill_n(last_, 3, 0);
    piece_ = 0;
    for (size_t at = 0; at < target.size();) {
      const size_t length = FindAt(at);
      for (size_t i = at; i < at + length && i + kHashed <= target.size(); ++i) {
        target_chains_.Insert(target.data(), i);
      }
      at += length;
    }
    return items_;
  }

 private:
  static constexpr size_t kHashed = 4;
  static constexpr unsigned kHashBits = 13;
  static constexpr int kDeepest = 12;

  struct Chains {
    void Clear(size_t size) {
      heads.assign(size_t{1} << kHashBits, -1);
      if (next.size() < size) next.resize(size);
    }
    static size_t Hash(const char* at) { return LoadLe32(at) * 0x9E3779B1u >> (32 - kHashBits); }
    void Insert(const char* bytes, size_t at) {
      int32_t& head = heads[Hash(bytes + at)];
      next[at] = head;
      head = static_cast<int32_t>(at);
    }
    std::vector<int32_t> heads, next;
  };

  // Adds the item at `at`; returns how many bytes of the target it covers.
  size_t FindAt(size_t at) {
    best_ = Literal(at, target_[at]);
    best_length_ = 1;
    best_gain_ = 0;
    best_distance_ = 0;
    const int64_t expected = ExpectedAt(at);
    const auto try_distance = [&](uint64_t distance, bool repeated, unsigned index) {
      const size_t length = LengthAt(at, distance);
      if (length < 2) return;
      Item item;
      item.position = at;
      if (repeated) {
        item.SetSlot(4 + index);
      } else {
        SetDistance(distance, &item);
        Item offset;
        offset.position = at;
        const auto place = static_cast<int64_t>(base_.size() + at) - static_cast<int64_t>(distance);
        if (options_->offsets && place != expected && SetOffset(expected - place, &offset) &&
            (options_->prefer_offsets || CostOf(offset) < CostOf(item))) {
          item = offset;
        }
      }
      Consider(item, length, distance);
    };
    if (options_->repeated_distances) {
      for (unsigned i = 0; i < 3; ++i) try_distance(last_[i], true, i);
    }
    if (options_->offsets) ConsiderInPlace(at);
    if (at + kHashed <= target_.size()) {
      const size_t hash = Chains::Hash(target_.data() + at);
      int32_t i = target_chains_.heads[hash];
      for (int depth = 0; i >= 0 && depth < kDeepest; ++depth) {
        try_distance(at - static_cast<size_t>(i), false, 0);
        i = target_chains_.next[static_cast<size_t>(i)];
      }
      i = base_chains_.heads[hash];
      for (int depth = 0; i >= 0 && depth < kDeepest; ++depth) {
        try_distance(base_.size() + at - static_cast<size_t>(i), false, 0);
        i = base_chains_.next[static_cast<size_t>(i)];
      }
    }
    items_.push_back(best_);
    if (best_distance_ != 0) Push(best_distance_);
    return best_length_;
  }

  void Consider(Item item, size_t length, uint64_t distance) {
    SetLength(length, &item);
    const int gain = static_cast<int>(std::min<size_t>(length, 1 << 20)) * 8 - CostOf(item);
    if (gain <= best_gain_) return;
    best_ = item;
    best_gain_ = gain;
    best_length_ = length;
    best_distance_ = distance;
  }

  void ConsiderInPlace(size_t at) {
    size_t length = 0;
    uint64_t first_distance = 0;
    size_t piece = piece_;
    while (at + length < target_.size()) {
      const size_t to = at + length;
      const auto distance = static_cast<int64_t>(base_.size() + to) - PlaceIn(piece, to);
      if (distance <= 0 || distance > static_cast<int64_t>(base_.size() + to)) break;
      if (length == 0) first_distance = static_cast<uint64_t>(distance);
      const size_t end = EndOf(piece);
      const size_t part =
          std::min(LengthAt(to, static_cast<uint64_t>(distance)), end - std::min(end, to));
      length += part;
      if (part == 0 || at + length != end) break;
      ++piece;
    }
    length = std::min(length, options_->longest_match);
    if (length < 2) return;
    Item item;
    item.position = at;
    item.SetSlot(3);
    Consider(item, length, first_distance);
  }

  // Pieces are numbered from 0, which is the time before the first of the options.
  int64_t PlaceIn(size_t piece, size_t at) const {
    if (piece == 0) return static_cast<int64_t>(at);
    const RiftPiece& p = options_->rift[piece - 1];
    return p.base_offset + static_cast<int64_t>(at - p.target_offset);
  }
  size_t EndOf(size_t piece) const {
    return piece < options_->rift.size() ? options_->rift[piece].target_offset : target_.size();
  }
  int64_t ExpectedAt(size_t at) {
    while (piece_ < options_->rift.size() && options_->rift[piece_].target_offset <= at) ++piece_;
    return PlaceIn(piece_, at);
  }

  // How many bytes at `at` equal those `distance` before, through base and target.
  size_t LengthAt(size_t at, uint64_t distance) const {
    if (distance == 0 || distance > base_.size() + at) return 0;
    const size_t most = std::min(target_.size() - at, options_->longest_match);
    const size_t source = base_.size() + at - distance;
    size_t length = 0;
    if (source < base_.size()) {
      const size_t in_base = std::min(most, base_.size() - source);
      while (length < in_base && base_[source + length] == target_[at + length]) ++length;
      if (length < in_base) return length;
    }
    while (length < most && target_[source + length - base_.size()] == target_[at + length]) {
      ++length;
    }
    return length;
  }

  void Push(uint64_t distance) {
    if (last_[0] == distance) return;
    if (last_[1] != distance) last_[2] = last_[1];
    last_[1] = last_[0];
    last_[0] = distance;
  }

  const absl::string_view base_;
  absl::string_view target_;
  const EncodeOptions* options_ = nullptr;
  Chains base_chains_, target_chains_;
  std::vector<Item> items_;
  uint64_t last_[3] = {};
  size_t piece_ = 0;
  Item best_;
  size_t best_length_ = 0;
  int best_gain_ = 0;
  uint64_t best_distance_ = 0;
};

Pa30Encoder::Pa30Encoder(absl::string_view base)
    : base_(base), matcher_(std::make_unique<Matcher>(base)) {}

Pa30Encoder::~Pa30Encoder() = default;

std::string Pa30Encoder::Encode(absl::string_view target, const EncodeOptions& options) {
  const std::vector<Item>& items = matcher_->Find(target, options);
  BitWriter patch;
  WriteRift(options, base_.size(), &patch);

  constexpr size_t kFewestItemsForOwnCodes = 600;
  const bool own =
      options.codes == EncodeOptions::Codes::kOwn ||
      (options.codes == EncodeOptions::Codes::kAuto && items.size() >= kFewestItemsForOwnCodes);
  patch.Write(own ? 0 : 1, 1);
  if (own) {
    std::vector<uint64_t> starts = {base_.size()};
    for (size_t start : options.format_starts) starts.push_back(base_.size() + start);
    std::vector<FormatCodes> formats;
    std::vector<const Item*> ends;
    const Item* item = items.data();
    const Item* const end = items.data() + items.size();
    for (size_t i = 0; i < starts.size(); ++i) {
      const Item* const begin = item;
      while (item != end &&
             (i + 1 == starts.size() || base_.size() + item->position < starts[i + 1])) {
        ++item;
      }
      formats.emplace_back(LengthsFor(begin, item));
      ends.push_back(item);
    }
    WriteFormats(starts, formats, &patch);
    item = items.data();
    for (size_t i = 0; i < formats.size(); ++i) {
      for (; item != ends[i]; ++item) formats[i].Write(*item, &patch);
    }
  } else {
    static const auto* const kDefault = new FormatCodes(DefaultLengths());
    for (const Item& item : items) kDefault->Write(item, &patch);
  }

  BitWriter stream;
  const uint64_t size = options.target_size.value_or(target.size());
  for (uint64_t number : {options.file_type_set, options.file_type, options.flags, size,
                          uint64_t{options.hash_algorithm}}) {
    stream.WriteNumber(number);
  }
  stream.WriteBuffer(HashOf(options.hash_algorithm, target));
  stream.WriteBuffer(options.preprocess);
  stream.WriteBuffer(std::move(patch).Finish());
  char time[8];
  StoreLe64(time, options.target_time);
  return absl::StrCat(options.signature, absl::string_view(time, sizeof time),
                      std::move(stream).Finish());
}

std::string Pa30Encoder::EncodeDcm(absl::string_view target, const EncodeOptions& options) {
  return absl::StrCat(absl::string_view("DCM\x01", 4), Encode(target, options));
}

std::string EncodePa30(absl::string_view target, absl::string_view base,
                       const EncodeOptions& options) {
  return Pa30Encoder(base).Encode(target, options);
}

std::string EncodeDcm(absl::string_view target, absl::string_view base,
                      const EncodeOptions& options) {
  return Pa30Encoder(base).EncodeDcm(target, options);
}

}  // namespace patchgate::delta
