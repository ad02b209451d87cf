// Builds PE images in memory, for tests: a DLL that Windows would load, with resources and without
// code.
//
//   PeBuilder dll;
//   dll.AddResource(614, 1, 0x409, base_manifest);
//   source.AddFile("Windows/WinSxS/amd64_.../wcp.dll", dll.Build());
//
// A broken image is a built one with a named field overwritten; kPeOffset and the offsets below
// tell where they lie:
//
//   StoreLe32(&bytes[PeBuilder::kResourceOffset + resource::kIdCount], 7);
#ifndef SERVICING_PE_PE_BUILDER_H_
#define SERVICING_PE_PE_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "servicing/pe/format.h"
#include "servicing/pe/image.h"
#include "servicing/pe/resources.h"

namespace patchgate::pe {

class PeBuilder {
 public:
  struct Options {
    uint16_t machine = kMachineAmd64;  // PE32 for kMachineI386 and kMachineArmNt, else PE32+.
    uint16_t subsystem = 2;            // Windows GUI; 1 for drivers, 10 for EFI applications.
    uint32_t timestamp = 0;
    uint32_t checksum = 0;    // Stored as it is.
    std::string certificate;  // Of an Authenticode signature; empty for none.
  };

  // Where Build() puts things: the PE signature, .text, and .rsrc, which begins with the root
  // directory.
  static constexpr size_t kPeOffset = 0x80;
  static constexpr size_t kTextOffset = 0x200;
  static constexpr size_t kResourceOffset = 0x400;
  static constexpr uint32_t kTextRva = 0x1000;
  static constexpr uint32_t kResourceRva = 0x2000;

  PeBuilder() : PeBuilder(Options()) {}
  explicit PeBuilder(Options options) : options_(std::move(options)) {}

  // Replaces an equal one. `language` is a LANGID: 0x409 is English (United States).
  PeBuilder& AddResource(const ResourceId& type, const ResourceId& id, uint16_t language,
                         absl::string_view bytes);

  // Without resources the image has no .rsrc.
  std::string Build() const;

  size_t optional_header_offset() const { return kPeOffset + kPeSignatureSize + coff::kSize; }
  size_t optional_header_size() const;
  // Of the range of a data directory: RVA, then size.
  size_t directory_offset(Directory directory) const;
  // Of the header of .text (0) or .rsrc (1).
  size_t section_header_offset(size_t i) const {
    return optional_header_offset() + optional_header_size() + i * section::kSize;
  }

 private:
  // Names before numbers, each ascending, as the format demands.
  using Key = std::pair<std::u16string, uint16_t>;
  struct KeyLess {
    bool operator()(const Key& a, const Key& b) const {
      if (a.first.empty() != b.first.empty()) return b.first.empty();
      return a < b;
    }
  };
  using Languages = std::map<uint16_t, std::string>;
  using Names = std::map<Key, Languages, KeyLess>;

  static Key KeyOf(const ResourceId& id);
  bool is_pe32_plus() const {
    return options_.machine != kMachineI386 && options_.machine != kMachineArmNt;
  }
  std::string ResourceSection() const;
  void AppendCertificate(std::string* image) const;

  const Options options_;
  std::map<Key, Names, KeyLess> resources_;
};

}  // namespace patchgate::pe

#endif  // SERVICING_PE_PE_BUILDER_H_
