#include "servicing/cbs/pending_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "servicing/base/utf16.h"
#include "servicing/regf/types.h"
#include "servicing/registry/section_reader.h"

namespace patchgate::cbs {

using registry::HiveId;
using registry::KeyReader;
using registry::SectionReader;

namespace {

constexpr size_t kMaxRenames = 1000;
constexpr size_t kIdentifierDigits = 32;

bool IsHex(absl::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return absl::ascii_isxdigit(c); });
}

// The text of PendingXmlIdentifier: REG_BINARY holding UTF-16LE (DOMAIN §3.1). Data of another
// shape is given as hex, so that it differs from every identifier.
std::string IdentifierText(const registry::Value& value) {
  std::string text;
  if (const auto string = registry::AsString(value); string.ok()) {
    text = *string;
  } else if (value.data.size() >= kIdentifierDigits * 2) {
    text = Utf16LeToUtf8(value.data);
    text.resize(std::min(text.size(), text.find('\0')));
  } else {
    text = value.data;
  }
  return text.size() == kIdentifierDigits && IsHex(text) ? text
                                                         : absl::BytesToHexString(value.data);
}

// Values that count as settled when absent, zero or empty; anything else is evidence
// (DOMAIN §3.1).
constexpr absl::string_view kFlagValues[] = {
    "ExecutionState",
    "PoqexecFailure",
    "PoqexecFailures",
    "RepairTransactionPended",
    "AIFailureInformation",
    "NextQueueEntryIndex",
    "NextQueueEntryIndexBCDB",
    "AdvancedInstallersNeedResolving",
    "StoreDirty",
    "ImpactfulTransactionCommitsDisabled",
    "CorruptionDetectedDuringAcr",
    "Unserviceable",
};

bool IsSet(const registry::Value& value) {
  if (const auto dword = registry::AsDword(value); dword.ok()) return *dword != 0;
  if (const auto qword = registry::AsQword(value); qword.ok()) return *qword != 0;
  if (registry::AsString(value).ok()) {
    // Blank text is settled; text behind a NUL is not blank.
    return Utf16LeToUtf8(value.data).find_first_not_of("\0 ", 0, 2) != std::string::npos;
  }
  return !value.data.empty();
}

ComponentsFlag ToFlag(std::string name, const registry::Value& value) {
  ComponentsFlag flag;
  flag.set_name(std::move(name));
  flag.set_type(regf::ValueTypeName(value.type));
  flag.set_data(registry::ToText(value));
  flag.set_set(IsSet(value));
  return flag;
}

}  // namespace

ComponentsRoot ReadComponentsRoot(const registry::Registry& registry) {
  ComponentsRoot facts;
  const SectionReader root(registry, HiveId::kComponents, "", facts.mutable_collection());
  // Any hive can lie under this name; without the store's own keys its absences mean nothing.
  bool is_component_store = false;
  for (const char* name : {"CanonicalData", "DerivedData"}) {
    root.Subkey(name, [&](const KeyReader&) { is_component_store = true; });
  }
  if (root.has_key() && !is_component_store) {
    root.AddGap("", "neither CanonicalData nor DerivedData: not a component store's hive");
  }
  if (const auto value = root.Raw("PendingXmlIdentifier"); value && !value->data.empty()) {
    const std::string text = IdentifierText(*value);
    if (!text.empty()) facts.set_pending_xml_identifier(text);
  }
  for (const absl::string_view name : kFlagValues) {
    if (const auto value = root.Raw(name)) {
      *facts.add_flags() = ToFlag(std::string(name), *value);
    }
  }
  // Sources differ on which of them are keys (CorruptionDetectedDuringAcr); a key counts as set.
  for (const absl::string_view name : kFlagValues) {
    root.Subkey(name, [&](const KeyReader&) {
      ComponentsFlag* flag = facts.add_flags();
      flag->set_name(std::string(name));
      flag->set_type("key");
      flag->set_set(true);
    });
  }
  root.Subkey("Installers\\RegKeySDTable", [&](const KeyReader& table) {
    for (const char* name : {"Install", "Uninstall"}) {
      if (const auto value = table.Raw(name)) {
        *facts.add_flags() = ToFlag(absl::StrCat("Installers\\RegKeySDTable\\", name), *value);
      }
    }
  });
  return facts;
}

PoqexecRegistration ReadPoqexecRegistration(const registry::Registry& registry) {
  PoqexecRegistration facts;
  const SectionReader configuration(registry, HiveId::kSoftware,
                                    "Microsoft\\Windows\\CurrentVersion\\SideBySide\\Configuration",
                                    facts.mutable_side_by_side());
  if (const auto lines = configuration.MultiString("PoqexecCmdline")) {
    for (const std::string& line : *lines) facts.add_poqexec_cmdline(line);
  }
  facts.set_dont_run_poqexec_in_smss(configuration.Raw("DontRunPoqexecInSmss").has_value());

  const SectionReader manager(registry, HiveId::kSystem,
                              "CurrentControlSet\\Control\\Session Manager",
                              facts.mutable_session_manager());
  if (const auto lines = manager.MultiString("SetupExecute")) {
    facts.set_setup_execute_present(true);
    for (const std::string& line : *lines) facts.add_setup_execute(line);
  }
  return facts;
}

std::vector<FileRename> ParseFileRenames(absl::string_view data) {
  const auto strip = [](absl::string_view path) {
    absl::ConsumePrefix(&path, "\\??\\");
    return std::string(path);
  };
  const std::vector<std::string> entries = registry::RawMultiString(data);
  std::vector<FileRename> renames;
  for (size_t i = 0; i < entries.size(); i += 2) {
    absl::string_view source = entries[i];
    absl::string_view destination;
    if (i + 1 < entries.size()) destination = entries[i + 1];
    if (source.empty() && destination.empty()) continue;
    // "*n" before the source is a marker of the session manager, not part of the path.
    if (absl::ConsumePrefix(&source, "*")) {
      while (!source.empty() && absl::ascii_isdigit(source[0])) source.remove_prefix(1);
    }
    FileRename rename;
    rename.set_replace_existing(absl::ConsumePrefix(&destination, "!"));
    rename.set_source(strip(source));
    rename.set_destination(strip(destination));
    renames.push_back(std::move(rename));
  }
  return renames;
}

FileRenames ReadFileRenames(const registry::Registry& registry) {
  FileRenames facts;
  const SectionReader manager(registry, HiveId::kSystem,
                              "CurrentControlSet\\Control\\Session Manager",
                              facts.mutable_collection());
  for (const char* name : {"PendingFileRenameOperations", "PendingFileRenameOperations2"}) {
    const auto value = manager.Raw(name);
    if (!value) continue;
    if (value->type != regf::kRegMultiSz) {
      manager.AddGap(name,
                     absl::StrCat(regf::ValueTypeName(value->type), ", expected REG_MULTI_SZ"));
      continue;
    }
    for (FileRename& rename : ParseFileRenames(value->data)) {
      facts.set_total(facts.total() + 1);
      if (static_cast<size_t>(facts.renames_size()) >= kMaxRenames) continue;
      rename.set_value(name);
      *facts.add_renames() = std::move(rename);
    }
  }
  return facts;
}

}  // namespace patchgate::cbs
