#include "servicing/eventlog/binary_xml.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/status_macros.h"

namespace patchgate::eventlog {

// A run of tokens: a record's, a template definition's, or a value's that is itself binary XML.
struct BinaryXmlWalker::Fragment {
  size_t begin, end;   // Offsets in the chunk.
  bool is_definition;  // Of a template: its elements have dependency ids, its substitutions
  size_t first_value;  // take their values from here
  size_t value_count;  // in values_.
};

namespace {

template <typename... Args>
absl::Status Damaged(const absl::FormatSpec<Args...>& format, const Args&... args) {
  return absl::DataLossError(absl::StrFormat(format, args...));
}

// Bytes of a literal of the type; 0 for types that carry their length or cannot be literals, as a
// size of four or eight bytes cannot.
size_t LiteralSize(uint8_t type) { return type == kSize ? 0 : FixedSize(type); }

// The character that a predefined entity stands for, as UTF-16LE; empty for any other.
absl::string_view EntityText(Name name) {
  if (name.Is("amp")) return {"&\0", 2};
  if (name.Is("lt")) return {"<\0", 2};
  if (name.Is("gt")) return {">\0", 2};
  if (name.Is("quot")) return {"\"\0", 2};
  if (name.Is("apos")) return {"'\0", 2};
  return {};
}

}  // namespace

bool Name::Is(absl::string_view ascii) const {
  if (utf16.size() != 2 * ascii.size()) return false;
  for (size_t i = 0; i < ascii.size(); ++i) {
    if (utf16[2 * i] != ascii[i] || utf16[2 * i + 1] != 0) return false;
  }
  return true;
}

absl::Status BinaryXmlWalker::Walk(absl::string_view chunk, size_t begin, size_t end,
                                   XmlHandler* handler, Budget* budget) {
  chunk_ = chunk;
  handler_ = handler;
  budget_ = budget;
  values_.clear();
  elements_ = fragments_ = 0;
  in_start_tag_ = stopped_ = false;
  return WalkFragment({begin, std::min(end, chunk.size()), false, 0, 0});
}

absl::Status BinaryXmlWalker::Spend(size_t pos, uint64_t bytes) {
  if (bytes > *budget_) {
    *budget_ = 0;
    return absl::ResourceExhaustedError(absl::StrFormat(
        "binary XML at 0x%x: templates and values expand beyond what is read of a chunk", pos));
  }
  *budget_ -= bytes;
  return absl::OkStatus();
}

absl::Status BinaryXmlWalker::Emit(size_t pos, Value value) {
  PG_RETURN_IF_ERROR(Spend(pos, value.data.size()));
  handler_->OnValue(value);
  return absl::OkStatus();
}

absl::Status BinaryXmlWalker::ReadName(const Fragment& fragment, size_t* pos, Name* name) {
  if (fragment.end - *pos < 4) return Damaged("name at 0x%x: its offset is cut", *pos);
  const size_t at = LoadLe32(&chunk_[*pos]);
  *pos += 4;
  // A name lies inline where it is used first in its chunk.
  const bool is_inline = at == *pos;
  const size_t limit = is_inline ? fragment.end : chunk_.size();
  const size_t around = name::kText + name::kTerminator;
  if (at < chunk::kRecords || at > limit || limit - at < around) {
    return Damaged("name at 0x%x: offset 0x%x lies outside", *pos - 4, at);
  }
  const size_t size = 2 * size_t{LoadLe16(&chunk_[at + name::kLength])};
  if (limit - at - around < size) {
    return Damaged("name at 0x%x: %d bytes of text exceed what holds it", at, size);
  }
  PG_RETURN_IF_ERROR(Spend(at, size));
  name->utf16 = chunk_.substr(at + name::kText, size);
  if (is_inline) *pos += around + size;
  return absl::OkStatus();
}

bool BinaryXmlWalker::ElementCanBeAt(const Fragment& fragment, size_t pos) const {
  if (fragment.end < pos || fragment.end - pos < 8) return false;
  if (LoadLe32(&chunk_[pos]) > fragment.end - pos - 4) return false;
  const size_t at = LoadLe32(&chunk_[pos + 4]);
  if (at < chunk::kRecords || at > pos + 8 || at > chunk_.size() ||
      chunk_.size() - at < name::kText + name::kTerminator) {
    return false;
  }
  const size_t size = 2 * size_t{LoadLe16(&chunk_[at + name::kLength])};
  return size > 0 && size <= chunk_.size() - at - name::kText - name::kTerminator &&
         LoadLe16(&chunk_[at + name::kText + size]) == 0;
}

absl::Status BinaryXmlWalker::OpenElement(const Fragment& fragment, size_t* pos) {
  const size_t start = *pos;
  if (in_start_tag_) return Damaged("element at 0x%x: begins inside a start tag", start);
  if (elements_ == kMaxElements) return Damaged("element at 0x%x: nested too deeply", start);
  const bool has_attributes = (chunk_[start] & token::kMore) != 0;
  *pos += 1;
  // Definitions have dependency ids; outside of them they are not expected, but tolerated.
  if (fragment.is_definition ||
      (!ElementCanBeAt(fragment, *pos) && ElementCanBeAt(fragment, *pos + 2))) {
    *pos += 2;
  }
  if (fragment.end < *pos || fragment.end - *pos < 4) {
    return Damaged("element at 0x%x: its start is cut", start);
  }
  const size_t size = LoadLe32(&chunk_[*pos]);
  *pos += 4;
  if (size > fragment.end - *pos) {
    return Damaged("element at 0x%x: size 0x%x exceeds what holds it", start, size);
  }
  Name element;
  PG_RETURN_IF_ERROR(ReadName(fragment, pos, &element));
  if (has_attributes) {
    if (fragment.end - *pos < 4) return Damaged("element at 0x%x: its start is cut", start);
    *pos += 4;
  }
  ++elements_;
  in_start_tag_ = true;
  handler_->OnElement(element);
  return absl::OkStatus();
}

absl::Status BinaryXmlWalker::Instantiate(const Fragment& fragment, size_t* pos) {
  const size_t start = *pos;
  // Its values would be mixed up with those of the template around it; Windows writes none.
  if (fragment.is_definition || in_start_tag_) {
    return Damaged("template instance at 0x%x: inside a template's definition", start);
  }
  if (fragment.end - start < 10) return Damaged("template instance at 0x%x: is cut", start);
  const uint32_t id = LoadLe32(&chunk_[start + 2]);
  const size_t at = LoadLe32(&chunk_[start + 6]);
  *pos += 10;
  const bool is_inline = at == *pos;
  const size_t limit = is_inline ? fragment.end : chunk_.size();
  if (at < chunk::kRecords || at > limit || limit - at < definition::kXml) {
    return Damaged("template instance at 0x%x: definition at 0x%x lies outside", start, at);
  }
  // Where a part of the chunk was lost, the offset may lead to anything.
  if (LoadLe32(&chunk_[at + definition::kGuid]) != id) {
    return Damaged("template instance at 0x%x: definition at 0x%x has id 0x%08x, expected 0x%08x",
                   start, at, LoadLe32(&chunk_[at + definition::kGuid]), id);
  }
  const size_t xml_size = LoadLe32(&chunk_[at + definition::kXmlSize]);
  const size_t xml = at + definition::kXml;
  if (xml_size > limit - xml) {
    return Damaged("template definition at 0x%x: size 0x%x exceeds what holds it", at, xml_size);
  }
  if (is_inline) *pos = xml + xml_size;

  if (fragment.end - *pos < 4) return Damaged("template values at 0x%x: are cut", *pos);
  const size_t list = *pos + 4;
  const size_t count = LoadLe32(&chunk_[*pos]);
  if (count > (fragment.end - list) / 4) {
    return Damaged("template values at 0x%x: count %d exceeds the record", *pos, count);
  }
  PG_RETURN_IF_ERROR(Spend(start, 4 * count));
  const size_t first_value = values_.size();
  size_t data = list + 4 * count;
  for (size_t i = 0; i < count; ++i) {
    const char* descriptor = &chunk_[list + 4 * i];
    const size_t size = LoadLe16(descriptor);
    if (size > fragment.end - data) {
      return Damaged("template value %d at 0x%x: size 0x%x exceeds the record", i, data, size);
    }
    values_.push_back({static_cast<uint8_t>(descriptor[2]), chunk_.substr(data, size)});
    data += size;
  }
  *pos = data;
  PG_RETURN_IF_ERROR(WalkFragment({xml, xml + xml_size, true, first_value, count}));
  values_.resize(first_value);
  return absl::OkStatus();
}

absl::Status BinaryXmlWalker::Substitute(const Fragment& fragment, size_t pos) {
  const size_t index = LoadLe16(&chunk_[pos + 1]);
  if (index >= fragment.value_count) {
    return Damaged("substitution at 0x%x: value %d of %d", pos, index, fragment.value_count);
  }
  const Value value = values_[fragment.first_value + index];
  if (value.type != kBinaryXml) return Emit(pos, value);
  const size_t begin = static_cast<size_t>(value.data.data() - chunk_.data());
  return WalkFragment({begin, begin + value.data.size(), false, 0, 0});
}

absl::Status BinaryXmlWalker::InlineValue(const Fragment& fragment, size_t* pos) {
  const size_t start = *pos;
  // Token, then for a value its type, then for text its length.
  const bool is_value = (chunk_[start] & ~token::kMore) == token::kValue;
  const size_t length_at = start + (is_value ? 2 : 1);
  if (fragment.end < length_at) return Damaged("value at 0x%x: is cut", start);
  const uint8_t type = is_value ? static_cast<uint8_t>(chunk_[start + 1]) : uint8_t{kString};
  size_t data = length_at;
  size_t size = LiteralSize(type);
  if (type == kString || type == kAnsiString) {
    if (fragment.end - length_at < 2) return Damaged("value at 0x%x: is cut", start);
    size = LoadLe16(&chunk_[length_at]);
    if (type == kString) size *= 2;
    data += 2;
  } else if (size == 0) {
    return Damaged("value at 0x%x: type 0x%02x cannot be a literal", start, type);
  }
  if (size > fragment.end - data) {
    return Damaged("value at 0x%x: size 0x%x exceeds what holds it", start, size);
  }
  *pos = data + size;
  // A processing instruction is no content.
  if (static_cast<uint8_t>(chunk_[start] & ~token::kMore) == token::kInstructionData) {
    return absl::OkStatus();
  }
  return Emit(start, {type, chunk_.substr(data, size)});
}

absl::Status BinaryXmlWalker::WalkFragment(Fragment fragment) {
  if (fragments_ == kMaxFragments) {
    return Damaged("binary XML at 0x%x: nested too deeply", fragment.begin);
  }
  ++fragments_;
  const int elements_before = elements_;
  size_t pos = fragment.begin;
  bool ended = false;
  while (!ended && pos < fragment.end) {
    const size_t start = pos;
    const size_t left = fragment.end - pos;
    const uint8_t byte = static_cast<uint8_t>(chunk_[pos]);
    Name name;
    switch (byte & ~token::kMore) {
      case token::kEnd:
        ended = true;
        break;
      case token::kFragment:
        if (left < 4) return Damaged("fragment header at 0x%x: is cut", start);
        pos += 4;
        break;
      case token::kOpenStart:
        PG_RETURN_IF_ERROR(OpenElement(fragment, &pos));
        break;
      case token::kAttribute:
        if (!in_start_tag_) return Damaged("attribute at 0x%x: outside a start tag", start);
        ++pos;
        PG_RETURN_IF_ERROR(ReadName(fragment, &pos, &name));
        handler_->OnAttribute(name);
        break;
      case token::kCloseStart:
        if (!in_start_tag_) return Damaged("end of start tag at 0x%x: there is none", start);
        in_start_tag_ = false;
        ++pos;
        handler_->OnContent();
        break;
      case token::kCloseEmpty:
      case token::kEndElement:
        if (in_start_tag_ != (byte == token::kCloseEmpty) || elements_ == elements_before) {
          return Damaged("end of element at 0x%x: there is none to end", start);
        }
        in_start_tag_ = false;
        --elements_;
        ++pos;
        if (!handler_->OnEnd()) stopped_ = true;
        break;
      case token::kValue:
      case token::kCdata:
      case token::kInstructionData:
        PG_RETURN_IF_ERROR(InlineValue(fragment, &pos));
        break;
      case token::kCharacter:
        if (left < 3) return Damaged("character reference at 0x%x: is cut", start);
        pos += 3;
        PG_RETURN_IF_ERROR(Emit(start, {kString, chunk_.substr(start + 1, 2)}));
        break;
      case token::kEntity:
        ++pos;
        PG_RETURN_IF_ERROR(ReadName(fragment, &pos, &name));
        PG_RETURN_IF_ERROR(Emit(start, {kString, EntityText(name)}));
        break;
      case token::kInstructionTarget:
        ++pos;
        PG_RETURN_IF_ERROR(ReadName(fragment, &pos, &name));
        break;
      case token::kTemplateInstance:
        PG_RETURN_IF_ERROR(Instantiate(fragment, &pos));
        break;
      case token::kSubstitution:
      case token::kOptionalSubstitution:
        if (left < 4) return Damaged("substitution at 0x%x: is cut", start);
        PG_RETURN_IF_ERROR(Substitute(fragment, start));
        pos += 4;
        break;
      default:
        return Damaged("binary XML at 0x%x: token 0x%02x is unknown", start, byte);
    }
    if (stopped_) return absl::OkStatus();
    // The bytes of a template instance were paid for by the walk through it.
    const bool paid = byte == token::kTemplateInstance;
    PG_RETURN_IF_ERROR(Spend(start, paid || ended ? 1 : pos - start));
  }
  if (elements_ != elements_before) {
    return Damaged("binary XML at 0x%x: ends inside an element", fragment.begin);
  }
  --fragments_;
  return absl::OkStatus();
}

}  // namespace patchgate::eventlog
