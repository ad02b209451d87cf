#include "servicing/delta/delta.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/status_macros.h"
#include "servicing/delta/bit_reader.h"
#include "servicing/digest/digest.h"

namespace patchgate::delta {
namespace {

constexpr absl::string_view kSignature = "PA30";
constexpr size_t kBitStream = 12;
constexpr uint64_t kReversedSet = 0x100;
constexpr uint64_t kFlagE8 = 1;

struct Parts {
  FileTime target_time;
  uint64_t file_type_set, file_type, flags, target_size, hash_algorithm;
  absl::string_view target_hash;
  BitReader rest;
};

absl::Status ReadParts(absl::string_view delta, Parts* parts) {
  const absl::string_view signature = delta.substr(0, kSignature.size());
  if (signature == "PA31" || signature == "PA19") {
    return absl::UnimplementedError(
        absl::StrFormat("delta header: format %s is not read", signature));
  }
  if (signature != kSignature) {
    return absl::DataLossError(
        absl::StrFormat("delta header: signature %s", absl::BytesToHexString(signature)));
  }
  BitReader& reader = parts->rest;
  if (delta.size() < kBitStream || !BitReader::Open(delta.substr(kBitStream), &reader)) {
    return absl::DataLossError(absl::StrFormat("delta header: %u bytes are too few", delta.size()));
  }
  parts->target_time = LoadLe64(delta.data() + kSignature.size());
  const struct {
    const char* name;
    uint64_t* value;
  } numbers[] = {{"file type set", &parts->file_type_set},
                 {"file type", &parts->file_type},
                 {"flags", &parts->flags},
                 {"target size", &parts->target_size},
                 {"hash algorithm", &parts->hash_algorithm}};
  for (const auto& number : numbers) {
    if (!reader.ReadNumber(number.value)) {
      return absl::DataLossError(absl::StrFormat("delta header: no %s at bit %u", number.name,
                                                 kBitStream * 8 + reader.position()));
    }
  }
  if (!reader.ReadBuffer(&parts->target_hash)) {
    return absl::DataLossError("delta header: the target hash is cut off");
  }
  return absl::OkStatus();
}

const char* FileTypeName(uint64_t file_type) {
  switch (file_type) {
    case 0x02:
      return "I386";
    case 0x04:
      return "IA64";
    case 0x08:
      return "AMD64";
    case 0x10:
      return "CLI4_I386";
    case 0x20:
      return "CLI4_AMD64";
    case 0x40:
      return "CLI4_ARM";
    case 0x80:
      return "CLI4_ARM64";
    default:
      return "unknown";
  }
}

// What this decoder does not do is refused before any work.
absl::Status CheckSupported(const Parts& parts) {
  if (parts.file_type_set & kReversedSet) {
    return absl::UnimplementedError(
        absl::StrFormat("delta header: reverse delta (file type set 0x%x)", parts.file_type_set));
  }
  if (parts.file_type != kFileTypeRaw) {
    return absl::UnimplementedError(
        absl::StrFormat("delta header: transforms of file type 0x%x (%s)", parts.file_type,
                        FileTypeName(parts.file_type)));
  }
  if (parts.flags & kFlagE8) {
    return absl::UnimplementedError(
        absl::StrFormat("delta header: E8 transform (flags 0x%x)", parts.flags));
  }
  switch (parts.hash_algorithm) {
    case kHashNone:
    case kHashMd5:
    case kHashSha1:
    case kHashSha256:
      return absl::OkStatus();
    default:
      return absl::UnimplementedError(
          absl::StrFormat("delta header: hash algorithm 0x%x", parts.hash_algorithm));
  }
}

template <typename Bytes>
absl::Status CompareHash(const char* name, absl::string_view stated, const Bytes& actual) {
  const absl::string_view computed(reinterpret_cast<const char*>(actual.data()), actual.size());
  if (stated == computed) return absl::OkStatus();
  return absl::DataLossError(absl::StrFormat("delta target: %s %s, the header states %s", name,
                                             absl::BytesToHexString(computed),
                                             absl::BytesToHexString(stated)));
}

absl::Status CheckHash(const Parts& parts, absl::string_view target) {
  switch (parts.hash_algorithm) {
    case kHashMd5:
      return CompareHash("MD5", parts.target_hash, digest::Md5(target));
    case kHashSha1:
      return CompareHash("SHA-1", parts.target_hash, digest::Sha1(target));
    case kHashSha256:
      return CompareHash("SHA-256", parts.target_hash, digest::Sha256(target));
    default:
      return absl::OkStatus();
  }
}

}  // namespace

absl::StatusOr<Pa30Header> ReadPa30Header(absl::string_view delta) {
  Parts parts;
  PG_RETURN_IF_ERROR(ReadParts(delta, &parts));
  Pa30Header header;
  header.target_time = parts.target_time;
  header.file_type_set = parts.file_type_set;
  header.file_type = parts.file_type;
  header.flags = parts.flags;
  header.target_size = parts.target_size;
  header.hash_algorithm = static_cast<uint32_t>(parts.hash_algorithm);
  header.target_hash = std::string(parts.target_hash);
  return header;
}

absl::Status Pa30Decoder::Apply(absl::string_view delta, absl::string_view base, size_t max_target,
                                std::string* target) {
  const auto apply = [&]() -> absl::Status {
    Parts parts;
    PG_RETURN_IF_ERROR(ReadParts(delta, &parts));
    PG_RETURN_IF_ERROR(CheckSupported(parts));
    absl::string_view preprocess, patch;
    if (!parts.rest.ReadBuffer(&preprocess)) {
      return absl::DataLossError("delta: the pre-process buffer is cut off");
    }
    if (!preprocess.empty()) {
      return absl::UnimplementedError(absl::StrFormat(
          "delta: pre-process buffer of %u bytes for file type RAW", preprocess.size()));
    }
    if (!parts.rest.ReadBuffer(&patch)) {
      return absl::DataLossError("delta: the patch buffer is cut off");
    }
    if (parts.target_size > max_target) {
      return absl::ResourceExhaustedError(absl::StrFormat(
          "delta header: target of %u bytes, the limit is %u", parts.target_size, max_target));
    }
    const auto size = static_cast<size_t>(parts.target_size);
    target->resize(size + kCopySlack);
    PG_RETURN_IF_ERROR(decoder_.Decode(patch, base, &(*target)[0], size));
    target->resize(size);
    return CheckHash(parts, *target);
  };
  absl::Status status = apply();
  if (!status.ok()) target->clear();
  return status;
}

}  // namespace patchgate::delta
