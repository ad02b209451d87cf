#include "servicing/pe/pe_builder.h"

#include <vector>

#include "servicing/base/little_endian.h"

namespace patchgate::pe {
namespace {

constexpr size_t kFileAlignment = 0x200;
constexpr size_t kSectionAlignment = 0x1000;
constexpr uint32_t kInitializedDataReadable = 0x40000040;
constexpr uint32_t kCodeExecutableReadable = 0x60000020;

size_t RoundUp(size_t size, size_t alignment) {
  return (size + alignment - 1) / alignment * alignment;
}

void Append16(uint16_t v, std::string* out) {
  char bytes[2];
  StoreLe16(bytes, v);
  out->append(bytes, sizeof bytes);
}

void Append32(size_t v, std::string* out) {
  char bytes[4];
  StoreLe32(bytes, static_cast<uint32_t>(v));
  out->append(bytes, sizeof bytes);
}

void PadTo(size_t alignment, std::string* out) { out->resize(RoundUp(out->size(), alignment)); }

// Collects the parts of the section in the order in which they lie there. Directories are measured
// first, so that each may be written with the offsets of what follows them all.
class Tree {
 public:
  explicit Tree(size_t directories_size) : entries_offset_(directories_size) {}

  // Appends a directory; entries follow.
  void BeginDirectory(size_t names, size_t ids) {
    directories_.append(resource::kNameCount, '\0');
    Append16(static_cast<uint16_t>(names), &directories_);
    Append16(static_cast<uint16_t>(ids), &directories_);
  }

  void AddEntry(const std::u16string& name, uint16_t number, size_t target) {
    if (name.empty()) {
      Append32(number, &directories_);
    } else {
      name_fields_.push_back({directories_.size(), names_.size()});
      Append32(0, &directories_);
      Append16(static_cast<uint16_t>(name.size()), &names_);
      for (const char16_t c : name) Append16(static_cast<uint16_t>(c), &names_);
    }
    Append32(target, &directories_);
  }

  // Returns the target of its entry.
  size_t AddData(absl::string_view bytes) {
    const size_t target = entries_offset_ + entries_.size();
    data_fields_.push_back({entries_.size(), data_.size()});
    Append32(0, &entries_);
    Append32(bytes.size(), &entries_);
    entries_.append(8, '\0');
    data_.append(bytes.data(), bytes.size());
    PadTo(8, &data_);
    return target;
  }

  std::string Assemble(uint32_t rva) {
    const size_t names_offset = entries_offset_ + entries_.size();
    for (const auto& [field, at] : name_fields_) {
      StoreLe32(&directories_[field],
                static_cast<uint32_t>(names_offset + at) | resource::kHighBit);
    }
    const size_t data_offset = RoundUp(names_offset + names_.size(), 8);
    for (const auto& [field, at] : data_fields_) {
      StoreLe32(&entries_[field], static_cast<uint32_t>(rva + data_offset + at));
    }
    std::string section = directories_ + entries_ + names_;
    section.resize(data_offset);
    return section + data_;
  }

 private:
  // A field, and the offset in its part that it is to have.
  struct Fixup {
    size_t field, at;
  };

  const size_t entries_offset_;
  std::string directories_, entries_, names_, data_;
  std::vector<Fixup> name_fields_, data_fields_;
};

template <typename Map>
size_t DirectorySize(const Map& entries) {
  return resource::kDirectorySize + entries.size() * resource::kEntrySize;
}

template <typename Map>
void BeginDirectory(const Map& entries, Tree* tree) {
  size_t names = 0;
  for (const auto& entry : entries) names += entry.first.first.empty() ? 0 : 1;
  tree->BeginDirectory(names, entries.size() - names);
}

}  // namespace

PeBuilder::Key PeBuilder::KeyOf(const ResourceId& id) {
  std::u16string name;
  for (size_t i = 0; i + 1 < id.name().size(); i += 2) {
    name.push_back(static_cast<char16_t>(LoadLe16(&id.name()[i])));
  }
  return {name, id.number()};
}

PeBuilder& PeBuilder::AddResource(const ResourceId& type, const ResourceId& id, uint16_t language,
                                  absl::string_view bytes) {
  resources_[KeyOf(type)][KeyOf(id)][language] = std::string(bytes);
  return *this;
}

size_t PeBuilder::optional_header_size() const {
  return (is_pe32_plus() ? pe32_plus::kDirectories : pe32::kDirectories) +
         optional_header::kMaxDirectories * optional_header::kDirectorySize;
}

size_t PeBuilder::directory_offset(Directory directory) const {
  return optional_header_offset() +
         (is_pe32_plus() ? pe32_plus::kDirectories : pe32::kDirectories) +
         static_cast<size_t>(directory) * optional_header::kDirectorySize;
}

// All directories of a level lie together: types, then names, then languages.
std::string PeBuilder::ResourceSection() const {
  const size_t names_begin = DirectorySize(resources_);
  size_t languages_begin = names_begin, end = 0;
  for (const auto& [type, names] : resources_) {
    languages_begin += DirectorySize(names);
    for (const auto& [id, languages] : names) end += DirectorySize(languages);
  }
  end += languages_begin;

  Tree tree(end);
  BeginDirectory(resources_, &tree);
  size_t target = names_begin;
  for (const auto& [type, names] : resources_) {
    tree.AddEntry(type.first, type.second, target | resource::kHighBit);
    target += DirectorySize(names);
  }
  for (const auto& [type, names] : resources_) {
    BeginDirectory(names, &tree);
    for (const auto& [id, languages] : names) {
      tree.AddEntry(id.first, id.second, target | resource::kHighBit);
      target += DirectorySize(languages);
    }
  }
  for (const auto& [type, names] : resources_) {
    for (const auto& [id, languages] : names) {
      tree.BeginDirectory(0, languages.size());
      for (const auto& [language, bytes] : languages)
        tree.AddEntry(u"", language, tree.AddData(bytes));
    }
  }
  return tree.Assemble(kResourceRva);
}

std::string PeBuilder::Build() const {
  namespace oh = optional_header;
  const std::string rsrc = resources_.empty() ? "" : ResourceSection();
  const size_t section_count = rsrc.empty() ? 1 : 2;

  std::string headers(kTextOffset, '\0');
  headers.replace(0, 2, dos::kSignature);
  StoreLe32(&headers[dos::kPeOffset], kPeOffset);
  headers.replace(kPeOffset, kPeSignatureSize, kPeSignature, kPeSignatureSize);

  char* const file_header = &headers[kPeOffset + kPeSignatureSize];
  StoreLe16(file_header + coff::kMachine, options_.machine);
  StoreLe16(file_header + coff::kSectionCount, static_cast<uint16_t>(section_count));
  StoreLe32(file_header + coff::kTimestamp, options_.timestamp);
  StoreLe16(file_header + coff::kOptionalHeaderSize, static_cast<uint16_t>(optional_header_size()));
  // Executable, DLL, and addresses beyond 2 GB or 32-bit words.
  StoreLe16(file_header + coff::kCharacteristics, is_pe32_plus() ? 0x2022 : 0x2102);

  char* const optional = &headers[optional_header_offset()];
  StoreLe16(optional + oh::kMagic, is_pe32_plus() ? oh::kPe32PlusMagic : oh::kPe32Magic);
  if (is_pe32_plus()) {
    StoreLe64(optional + pe32_plus::kImageBase, 0x180000000);
    StoreLe32(optional + pe32_plus::kDirectoryCount, oh::kMaxDirectories);
  } else {
    StoreLe32(optional + pe32::kImageBase, 0x10000000);
    StoreLe32(optional + pe32::kDirectoryCount, oh::kMaxDirectories);
  }
  StoreLe32(optional + oh::kSectionAlignment, kSectionAlignment);
  StoreLe32(optional + oh::kFileAlignment, kFileAlignment);
  StoreLe16(optional + oh::kMajorSubsystemVersion, 10);
  StoreLe32(optional + oh::kImageSize,
            static_cast<uint32_t>(kResourceRva + RoundUp(rsrc.size(), kSectionAlignment)));
  StoreLe32(optional + oh::kHeadersSize, kTextOffset);
  StoreLe32(optional + oh::kChecksum, options_.checksum);
  StoreLe16(optional + oh::kSubsystem, options_.subsystem);
  StoreLe16(optional + oh::kDllCharacteristics, 0x0140);  // Any base address, no execution of data.

  const auto add_section = [&](size_t i, absl::string_view name, size_t size, uint32_t rva,
                               size_t offset, uint32_t characteristics) {
    char* const p = &headers[section_header_offset(i)];
    name.copy(p, section::kNameSize);
    StoreLe32(p + section::kVirtualSize, static_cast<uint32_t>(size));
    StoreLe32(p + section::kRva, rva);
    StoreLe32(p + section::kRawSize, static_cast<uint32_t>(RoundUp(size, kFileAlignment)));
    StoreLe32(p + section::kRawOffset, static_cast<uint32_t>(offset));
    StoreLe32(p + section::kCharacteristics, characteristics);
  };
  add_section(0, ".text", 1, kTextRva, kTextOffset, kCodeExecutableReadable);
  if (!rsrc.empty()) {
    add_section(1, ".rsrc", rsrc.size(), kResourceRva, kResourceOffset, kInitializedDataReadable);
    char* const directory = &headers[directory_offset(Directory::kResources)];
    StoreLe32(directory, kResourceRva);
    StoreLe32(directory + 4, static_cast<uint32_t>(rsrc.size()));
  }

  std::string image = headers + '\xC3';  // RET
  PadTo(kFileAlignment, &image);
  image += rsrc;
  PadTo(kFileAlignment, &image);
  if (!options_.certificate.empty()) AppendCertificate(&image);
  return image;
}

void PeBuilder::AppendCertificate(std::string* image) const {
  const size_t offset = image->size();
  image->resize(offset + certificate::kHeaderSize);
  char* const header = &(*image)[offset];
  StoreLe32(header + certificate::kLength,
            static_cast<uint32_t>(certificate::kHeaderSize + options_.certificate.size()));
  StoreLe16(header + certificate::kRevision, certificate::kRevision2);
  StoreLe16(header + certificate::kType, certificate::kPkcsSignedData);
  *image += options_.certificate;
  PadTo(8, image);
  char* const directory = &(*image)[directory_offset(Directory::kCertificates)];
  StoreLe32(directory, static_cast<uint32_t>(offset));
  StoreLe32(directory + 4, static_cast<uint32_t>(image->size() - offset));
}

}  // namespace patchgate::pe
