#include "servicing/cbs/pending_xml_reader.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/cbs/boot_critical.h"
#include "servicing/cbs/pending_sources.h"
#include "servicing/text/fields.h"
#include "servicing/text/section_file.h"
#include "servicing/xml/xml_stream.h"

namespace patchgate::cbs {
namespace {

constexpr absl::string_view kName = "pending.xml";
constexpr size_t kIdentifierDigits = 32;
constexpr int kExamples = 20;

// What an operation does to files.
enum class Effect {
  kNone,     // Registry, or no change.
  kMakes,    // Makes an empty `path`.
  kChanges,  // Changes `path`.
  kDeletes,  // Deletes `path`.
  kTakes,    // Makes `destination` of `source`.
  kMoves,    // The same; the source is gone then.
  kUnpacks,  // Makes `destination`, of what is not documented.
};

// The operations of both lists in DOMAIN §4.2, by name.
constexpr struct Kind {
  absl::string_view name;
  Effect effect;
} kKinds[] = {
    {"BeginTransaction", Effect::kNone},
    {"CopyFile", Effect::kTakes},
    {"CreateDirectory", Effect::kMakes},
    {"CreateFile", Effect::kMakes},
    {"CreateKey", Effect::kNone},
    {"DecompressFile", Effect::kUnpacks},
    {"DeleteFile", Effect::kDeletes},
    {"DeleteKey", Effect::kNone},
    {"DeleteKeyValue", Effect::kNone},
    {"FlushFileBuffers", Effect::kNone},
    {"HardlinkFile", Effect::kTakes},
    {"MoveFile", Effect::kMoves},
    {"SetFileInformation", Effect::kChanges},
    {"SetKeyInfos", Effect::kNone},
    {"SetKeySecurity", Effect::kNone},
    {"SetKeyValue", Effect::kNone},
};
constexpr size_t kKindCount = std::size(kKinds);

void AddGap(absl::string_view what, PendingXml* facts) {
  text::AddGap(facts->mutable_collection(), kName, what);
}

class Reader : public xml::Handler {
 public:
  Reader(const evidence::Source* volume, const evidence::File* file, PendingXml* facts)
      : facts_(facts), sources_(volume, facts), releaser_(file) {}

  bool OnStart(absl::string_view element, const std::vector<xml::Attribute>& attributes) override {
    switch (++depth_) {
      case 1:
        return OnRoot(element, attributes);
      case 2:
        section_ = std::string(element.substr(0, kLongestSection));
        return true;
      case 3:
        if (section_ == "Transactions" && element == "Transaction") {
          facts_->set_transactions(facts_->transactions() + 1);
        } else if (section_ == "ChangeList" && element == "Change") {
          facts_->set_changes(facts_->changes() + 1);
        } else if (section_ == "InstallerQueue" && element == "Action") {
          facts_->set_installer_actions(facts_->installer_actions() + 1);
        }
    }
    if (section_ == "POQ") OnOperation(element, attributes);
    return true;
  }

  bool OnEnd(absl::string_view) override {
    if (--depth_ == 0) facts_->set_whole(true);
    return true;
  }

  void OnConsumed(size_t size) override { releaser_.Consumed(size); }

  // The counts, once parsing is over.
  void Finish() {
    for (size_t i = 0; i < kKindCount; ++i) {
      if (counts_[i] == 0) continue;
      PendingOperation* operation = facts_->add_operations();
      operation->set_kind(std::string(kKinds[i].name));
      operation->set_count(counts_[i]);
    }
  }

 private:
  static constexpr size_t kLongestSection = 64;

  bool OnRoot(absl::string_view element, const std::vector<xml::Attribute>& attributes) {
    if (element != "PendingTransaction") {
      AddGap(absl::StrCat("root element is <", element, ">, not <PendingTransaction>"), facts_);
      return false;
    }
    const auto attribute = [&](absl::string_view name) {
      return text::Short(xml::Find(attributes, name).value_or(""));
    };
    facts_->set_version(attribute("Version"));
    facts_->set_wcp_version(attribute("WcpVersion"));
    facts_->set_identifier(attribute("Identifier"));
    facts_->set_identifier_filetime(IdentifierTime(facts_->identifier()));
    return true;
  }

  void OnOperation(absl::string_view element, const std::vector<xml::Attribute>& attributes) {
    const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& k) {
      return absl::EqualsIgnoreCase(k.name, element);
    });
    if (kind == std::end(kKinds)) {
      OnUnknown(element);
      return;
    }
    ++counts_[kind - std::begin(kKinds)];
    facts_->set_operations_total(facts_->operations_total() + 1);
    const Effect effect = kind->effect;
    if (effect == Effect::kNone) return;
    const absl::string_view source = xml::Find(attributes, "source").value_or("");
    const bool has_path =
        effect == Effect::kMakes || effect == Effect::kChanges || effect == Effect::kDeletes;
    const absl::string_view target =
        xml::Find(attributes, has_path ? "path" : "destination").value_or("");
    OnTarget(target);
    if (effect == Effect::kTakes || effect == Effect::kMoves) {
      if (!source.empty()) sources_.Need(source, effect == Effect::kMoves ? target : "");
    }
    if (effect == Effect::kMoves) sources_.Remove(source);
    if (effect == Effect::kDeletes) sources_.Remove(target);
    if (effect == Effect::kDeletes || effect == Effect::kChanges) return;
    sources_.Make(target, effect == Effect::kMakes);
  }

  void OnTarget(absl::string_view target) {
    upper_.assign(target.data(), target.size());
    absl::AsciiStrToUpper(&upper_);
    if (!IsBootCritical(upper_)) return;
    facts_->set_boot_critical_total(facts_->boot_critical_total() + 1);
    if (facts_->boot_critical_size() < kExamples) facts_->add_boot_critical(text::Short(target));
  }

  void OnUnknown(absl::string_view element) {
    facts_->set_unknown_elements(facts_->unknown_elements() + 1);
    if (facts_->unknown_examples_size() >= kExamples) return;
    const std::string name = text::Short(element, kLongestSection);
    const auto& seen = facts_->unknown_examples();
    if (std::find(seen.begin(), seen.end(), name) == seen.end()) facts_->add_unknown_examples(name);
  }

  PendingXml* facts_;
  PendingSources sources_;
  text::Releaser releaser_;
  int depth_ = 0;
  std::string section_;  // The element below the root that parsing is in.
  uint64_t counts_[kKindCount] = {};
  std::string upper_;
};

void Read(absl::string_view bytes, const evidence::Source* volume, const evidence::File* file,
          PendingXml* facts) {
  Reader reader(volume, file, facts);
  const absl::Status status = xml::Parse(bytes, &reader);
  reader.Finish();
  if (!status.ok()) AddGap(status.message(), facts);
}

}  // namespace

FileTime IdentifierTime(absl::string_view identifier) {
  if (identifier.size() != kIdentifierDigits) return 0;
  for (const char c : identifier) {
    if (!absl::ascii_isxdigit(c)) return 0;
  }
  const FileTime t = LoadLe64(absl::HexStringToBytes(identifier.substr(0, 16)).data());
  constexpr FileTime kYear2000 = 125911584000000000, kYear2100 = 157469184000000000;
  return t >= kYear2000 && t < kYear2100 ? t : 0;
}

void ReadPendingXmlBytes(absl::string_view bytes, const evidence::Source* volume,
                         PendingXml* facts) {
  Read(bytes, volume, nullptr, facts);
}

PendingXml ReadPendingXml(const evidence::Source& source, const Collection& store,
                          const std::vector<evidence::FileInfo>& listing) {
  PendingXml facts;
  Collection* section = facts.mutable_collection();
  *section = store;
  section->set_source("Windows/WinSxS/pending.xml");
  section->set_modified_filetime(0);
  if (store.status() != Collection::COLLECTED) {
    // Without the folder nobody can say that the file is not in it.
    section->set_status(Collection::UNREADABLE);
    section->set_reason(store.reason());
    return facts;
  }
  section->set_status(Collection::ABSENT);
  section->set_reason("not found");
  for (const evidence::FileInfo& info : listing) {
    const std::string lower = absl::AsciiStrToLower(info.name);
    if (lower == kName) {
      section->set_status(Collection::COLLECTED);
      section->clear_reason();
      section->set_modified_filetime(info.modified);
      facts.set_size(info.size);
    } else if (absl::StartsWith(lower, absl::StrCat(kName, "."))) {
      PendingXmlVariant* variant = facts.add_variants();
      variant->set_name(info.name);
      variant->set_size(info.size);
      variant->set_modified_filetime(info.modified);
    }
  }
  if (section->status() == Collection::ABSENT) return facts;
  absl::StatusOr<std::unique_ptr<evidence::File>> file = source.Open(section->source());
  if (file.ok()) {
    Read((*file)->bytes(), &source, file->get(), &facts);
  } else {
    // The file is there, whatever it holds: that alone is evidence.
    AddGap(file.status().message(), &facts);
  }
  return facts;
}

}  // namespace patchgate::cbs
