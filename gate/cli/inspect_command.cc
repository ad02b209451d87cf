#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gate/cli/commands.h"
#include "gate/cli/inspect_manifest.h"
#include "gate/cli/inspection.pb.h"
#include "gate/cli/json.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/log_time.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/boot/bcd_reader.h"
#include "servicing/cbs/log/cbs_log_reader.h"
#include "servicing/cbs/pending_xml_reader.h"
#include "servicing/cbs/poqexec_log_reader.h"
#include "servicing/cbs/session_journal_reader.h"
#include "servicing/collector.h"
#include "servicing/digest/digest.h"
#include "servicing/eventlog/event_reader.h"
#include "servicing/evidence/directory_source.h"
#include "servicing/history/dism_log_reader.h"
#include "servicing/history/reporting_events_reader.h"
#include "servicing/pe/image_facts.h"
#include "servicing/regf/format.h"
#include "servicing/regf/hive.h"
#include "servicing/registry/value.h"

namespace patchgate::cli {
namespace {

using Json = absl::StatusOr<std::string>;

// ---------------------------------------------------------------- hives

void Fill(const regf::LogOutcome& log, LogInspection* out) {
  out->set_name(log.name);
  out->set_kind(regf::LogKindName(log.kind));
  out->set_entries(log.entries_applied);
  out->set_pages(log.pages_applied);
  out->set_first_sequence(log.first_sequence);
  out->set_last_sequence(log.last_sequence);
  out->set_note(log.note);
}

void Fill(const regf::RecoveryReport& report, RecoveryInspection* out) {
  out->set_state(regf::HiveStateName(report.state));
  out->set_primary_sequence(report.primary_sequence);
  out->set_secondary_sequence(report.secondary_sequence);
  out->set_checksum_valid(report.checksum_valid);
  out->set_base_block_recovered(report.base_block_recovered);
  out->set_entries(report.entries_applied);
  out->set_pages(report.pages_applied);
  for (const regf::LogOutcome& log : report.logs) Fill(log, out->add_logs());
}

void Fill(const regf::DamageLog& damage, HiveInspection* out) {
  for (const regf::Damage& one : damage.kept()) {
    DamageInspection* item = out->add_damage();
    item->set_offset(static_cast<uint32_t>(one.file_offset));
    item->set_what(one.what);
    item->set_key(one.key_path);
  }
  out->set_damage_total(out->damage_total() + static_cast<uint32_t>(damage.total()));
}

// The data as its type means it; null where it has no meaning of its own.
google::protobuf::Value Decode(const registry::Value& value) {
  google::protobuf::Value decoded;
  if (const auto dword = registry::AsDword(value); dword.ok()) {
    decoded.set_number_value(*dword);
  } else if (value.type == regf::kRegDwordBigEndian && value.data.size() == 4) {
    decoded.set_number_value(LoadBe32(value.data.data()));
  } else if (const auto qword = registry::AsQword(value); qword.ok()) {
    decoded.set_string_value(absl::StrFormat("0x%x", *qword));  // JSON numbers end at 2^53.
  } else if (const auto text = registry::AsString(value); text.ok()) {
    decoded.set_string_value(*text);
  } else if (value.type == regf::kRegMultiSz) {
    decoded.mutable_list_value();
    for (std::string& entry : registry::RawMultiString(value.data)) {
      decoded.mutable_list_value()->add_values()->set_string_value(std::move(entry));
    }
  } else {
    decoded.set_null_value(google::protobuf::NULL_VALUE);
  }
  return decoded;
}

void Fill(const regf::Key& key, const std::string& path, HiveInspection* inspection) {
  KeyInspection* out = inspection->mutable_key();
  regf::DamageLog damage;
  out->set_path(path);
  out->set_name(key.name());
  out->set_last_written(FormatFileTime(key.last_written()));
  out->set_class_name(key.ClassName().value_or(""));
  out->set_symbolic_link(key.is_symbolic_link());
  out->set_tombstone(key.is_tombstone());
  if (const auto descriptor = key.SecurityDescriptor(); descriptor.ok()) {
    out->set_security_descriptor_size(static_cast<uint32_t>(descriptor->size()));
  }
  key.VisitSubkeys(
      [&](const regf::Key& subkey) {
        SubkeyInspection* item = out->add_subkeys();
        item->set_name(subkey.name());
        item->set_last_written(FormatFileTime(subkey.last_written()));
        return true;
      },
      &damage);
  key.VisitValues(
      [&](const regf::Value& record) {
        ValueInspection* item = out->add_values();
        item->set_name(record.name());
        item->set_type(regf::ValueTypeName(record.type()));
        item->set_size(record.size());
        absl::StatusOr<std::string> data = record.Data();
        if (!data.ok()) {
          item->set_error(std::string(data.status().message()));
          return true;
        }
        item->set_data(absl::BytesToHexString(*data));
        *item->mutable_decoded() = Decode({record.name(), record.type(), *std::move(data)});
        return true;
      },
      &damage);
  Fill(damage, inspection);  // The walk has met most of it; what only this key shows is new.
}

Json InspectHive(const InspectOptions& options, std::unique_ptr<evidence::File> primary) {
  regf::HiveFiles files;
  files.primary = {primary->info().name, primary->bytes()};
  files.writable_image = [&](size_t size) { return primary->WritableImage(size); };
  std::vector<std::unique_ptr<evidence::File>> logs;
  // Logs copied from Windows may have come along in another case.
  const size_t slash = options.file.find_last_of("/\\");
  const std::string folder = slash == std::string::npos ? "" : options.file.substr(0, slash + 1);
  const absl::StatusOr<std::vector<evidence::FileInfo>> beside =
      evidence::ListNativeDirectory(folder.empty() ? "." : folder);
  for (const char* suffix : {".LOG1", ".LOG2", ".LOG"}) {
    const std::string wanted = absl::StrCat(primary->info().name, suffix);
    for (const evidence::FileInfo& info :
         beside.ok() ? *beside : std::vector<evidence::FileInfo>()) {
      if (!NamesEqual(info.name, wanted)) continue;
      PG_ASSIGN_OR_RETURN(std::unique_ptr<evidence::File> log,
                          evidence::OpenNativeFile(folder + info.name));
      files.logs.push_back({info.name, log->bytes()});
      logs.push_back(std::move(log));
      break;
    }
  }
  regf::Hive::Options hive_options;
  hive_options.replay = options.replay;
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<regf::Hive> hive,
                      regf::Hive::Open(files, hive_options));

  HiveInspection inspection;
  inspection.set_type("hive");
  inspection.set_file(CleanUtf8(options.file));
  inspection.set_size(static_cast<uint32_t>(files.primary.bytes.size()));
  inspection.set_version(absl::StrCat("1.", hive->minor_version()));
  inspection.set_stored_file_name(hive->stored_file_name());
  inspection.set_last_written(FormatFileTime(hive->last_written()));
  inspection.set_dirty(hive->recovery().dirty);
  Fill(hive->recovery(), inspection.mutable_recovery());
  regf::DamageLog damage;
  const regf::WalkTotals totals = hive->Walk([](const regf::Key&, absl::string_view) {}, &damage);
  hive->CheckBins(&damage);
  inspection.set_keys(static_cast<uint32_t>(totals.keys));
  inspection.set_values(static_cast<uint32_t>(totals.values));
  Fill(hive->damage(), &inspection);
  Fill(damage, &inspection);
  if (options.has_key) {
    PG_ASSIGN_OR_RETURN(const regf::Key key, hive->Find(options.key));
    Fill(key, options.key, &inspection);
  }
  if (boot::LooksLikeBcd(*hive)) {
    inspection.mutable_bcd()->mutable_collection()->set_status(Collection::COLLECTED);
    boot::ReadBcdHive(*hive, inspection.mutable_bcd());
  }
  return ToJson(inspection);
}

// ---------------------------------------------------------------- other files

Json InspectLog(const InspectOptions& options, const evidence::File& file) {
  LogFileInspection inspection;
  inspection.set_type("hive-log");
  inspection.set_file(CleanUtf8(options.file));
  Fill(regf::DescribeLog({file.info().name, file.bytes()}), inspection.mutable_log());
  return ToJson(inspection);
}

// The facts of a message as JSON, with what was inspected in front.
Json Typed(absl::string_view type, const InspectOptions& options,
           const google::protobuf::Message& facts) {
  google::protobuf::Value file;
  file.set_string_value(CleanUtf8(options.file));
  PG_ASSIGN_OR_RETURN(const std::string name, ToJson(file));
  PG_ASSIGN_OR_RETURN(const std::string json, ToJson(facts));
  return absl::StrCat("{\n \"type\": \"", type, "\",\n \"file\": ", absl::StripSuffix(name, "\n"),
                      ",", absl::StripPrefix(json, "{"));
}

Json InspectPendingXml(const InspectOptions& options, absl::string_view bytes) {
  PendingXml facts;
  facts.mutable_collection()->set_status(Collection::COLLECTED);
  facts.set_size(bytes.size());
  cbs::ReadPendingXmlBytes(bytes, /*volume=*/nullptr, &facts);
  return Typed("pending-xml", options, facts);
}

Json InspectJournal(const InspectOptions& options, absl::string_view bytes) {
  SessionJournal facts;
  facts.mutable_journal()->set_status(Collection::COLLECTED);
  facts.set_journal_size(bytes.size());
  cbs::ReadSessionJournalBytes(bytes, &facts);
  return Typed("session-journal", options, facts);
}

Json InspectEventLog(const InspectOptions& options, const evidence::File& file) {
  EventLogs facts;
  eventlog::ReadEventLogFile(file.info().name, file.bytes(), &facts);
  return Typed("event-log", options, facts);
}

Json InspectCbsLog(const InspectOptions& options, const evidence::File& file) {
  CbsLog facts;
  cbs::ReadCbsLogText(file.info().name, file.bytes(), &facts);
  return Typed("cbs-log", options, facts);
}

Json InspectDismLog(const InspectOptions& options, absl::string_view bytes) {
  DismLog facts;
  facts.mutable_collection()->set_status(Collection::COLLECTED);
  facts.set_size(bytes.size());
  history::ReadDismLogBytes(bytes, &facts);
  return Typed("dism-log", options, facts);
}

Json InspectPoqexecLog(const InspectOptions& options, absl::string_view bytes) {
  PoqexecLog facts;
  facts.mutable_collection()->set_status(Collection::COLLECTED);
  cbs::ReadPoqexecLogBytes(bytes, &facts);
  return Typed("poqexec-log", options, facts);
}

Json InspectReportingEvents(const InspectOptions& options, absl::string_view bytes) {
  ReportingEvents facts;
  facts.mutable_collection()->set_status(Collection::COLLECTED);
  history::ReadReportingEventsBytes(bytes, &facts);
  return Typed("reporting-events", options, facts);
}

Json InspectSnapshot(const InspectOptions& options, const evidence::File& file) {
  PG_ASSIGN_OR_RETURN(const Snapshot snapshot, ParseSnapshot(file.bytes()));
  return Typed("snapshot", options, snapshot);
}

Json InspectComponentManifest(const InspectOptions& options, absl::string_view bytes) {
  if (options.decode) return DecodedManifest(options.file, bytes, options.base);
  PG_ASSIGN_OR_RETURN(const ManifestInspection inspection,
                      InspectManifest(options.file, bytes, options.base));
  return ToJson(inspection);
}

std::string SubsystemName(uint32_t subsystem) {
  switch (subsystem) {
    case 1:
      return "native";
    case 2:
      return "Windows GUI";
    case 3:
      return "Windows console";
    case 10:
      return "EFI application";
    case 16:
      return "boot application";
    default:
      return absl::StrCat(subsystem);
  }
}

Json InspectImage(const InspectOptions& options, absl::string_view bytes) {
  ImageInspection inspection;
  inspection.set_type("image");
  inspection.set_file(CleanUtf8(options.file));
  ImageFacts* facts = inspection.mutable_image();
  facts->set_size(bytes.size());
  facts->set_sha256(digest::ToHex(digest::Sha256(bytes)));
  pe::DescribeImage(bytes, facts);
  if (facts->machine() != 0 || facts->is_image()) {
    inspection.set_machine(pe::MachineName(facts->machine()));
    inspection.set_subsystem(SubsystemName(facts->subsystem()));
  }
  return ToJson(inspection);
}

bool LooksLikeLog(absl::string_view bytes) {
  if (bytes.size() < regf::base_block::kSectorSize) return false;
  const uint32_t type = LoadLe32(bytes.data() + regf::base_block::kFileType);
  return type == regf::kNewLog || type == regf::kOldLog || type == regf::kVeryOldLog;
}

// The beginning of a text file, as UTF-8.
std::string Beginning(absl::string_view bytes) {
  constexpr size_t kEnough = 64 << 10;  // A root element or a dated line comes long before that.
  bytes = bytes.substr(0, kEnough);
  if (absl::ConsumePrefix(&bytes, "\xFF\xFE") || (bytes.size() > 1 && bytes[1] == '\0')) {
    return Utf16LeToUtf8(bytes.substr(0, bytes.size() & ~size_t{1}));
  }
  absl::ConsumePrefix(&bytes, "\xEF\xBB\xBF");
  return std::string(bytes);
}

// "1dc69b5a2f3c4d5: 832, 1f, 0, c0000265, MoveFile ;…": hexadecimal, then a colon.
bool LooksLikePoqexecLog(absl::string_view text) {
  const size_t colon = text.find(": ");
  return colon >= 10 && colon <= 16 &&
         std::all_of(text.begin(), text.begin() + static_cast<ptrdiff_t>(colon),
                     [](char c) { return absl::ascii_isxdigit(c); });
}

// The component on the first line that has a date: "DISM", "CBS", …; empty if no line has one.
std::string FirstComponent(absl::string_view text) {
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const size_t comma = line.find(',');
    if (!ParseLogTime(line) || comma == absl::string_view::npos) continue;
    const std::vector<absl::string_view> words =
        absl::StrSplit(line.substr(comma + 1), ' ', absl::SkipEmpty());
    if (words.size() > 1) return std::string(words[1]);
  }
  return "";
}

// Decides by content; the name only says where a hive's logs are.
Json InspectFile(const InspectOptions& options) {
  PG_ASSIGN_OR_RETURN(std::unique_ptr<evidence::File> file, evidence::OpenNativeFile(options.file));
  const absl::string_view bytes = file->bytes();
  const bool is_regf = absl::StartsWith(bytes, regf::base_block::kSignature);
  if (options.has_key && (!is_regf || LooksLikeLog(bytes))) {
    return absl::InvalidArgumentError(absl::StrCat(options.file, ": a KEY needs a hive"));
  }
  const std::string text = Beginning(bytes);
  const bool is_manifest = LooksLikeManifest(bytes, text);
  if (!is_manifest && (options.decode || !options.base.empty())) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.file, ": --decode and --base need a component manifest"));
  }
  if (is_manifest) return InspectComponentManifest(options, bytes);
  if (is_regf && LooksLikeLog(bytes)) return InspectLog(options, *file);
  if (is_regf) return InspectHive(options, std::move(file));
  if (absl::StartsWith(bytes, kSnapshotSignature)) return InspectSnapshot(options, *file);
  if (absl::StartsWith(bytes, "ElfFile")) return InspectEventLog(options, *file);
  if (absl::StartsWith(bytes, "MZ")) return InspectImage(options, bytes);
  if (absl::StartsWith(bytes, "MSCF")) return InspectCbsLog(options, *file);
  if (absl::StrContains(text, "<PendingTransaction")) return InspectPendingXml(options, bytes);
  if (absl::StrContains(text, "<Session")) return InspectJournal(options, bytes);
  if (absl::StartsWith(text, "{") && absl::StrContains(text, '\t')) {
    return InspectReportingEvents(options, bytes);
  }
  if (LooksLikePoqexecLog(text)) return InspectPoqexecLog(options, bytes);
  const std::string component = FirstComponent(text);
  if (component == "DISM") return InspectDismLog(options, bytes);
  if (!component.empty() || absl::StrContains(text, "Checking System Update Readiness") ||
      absl::StrContains(text, "Checking Windows Servicing Packages")) {
    return InspectCbsLog(options, *file);
  }
  if (bytes.empty())
    return absl::InvalidArgumentError(absl::StrCat(options.file, ": the file is empty"));
  return absl::InvalidArgumentError(absl::StrCat(options.file,
                                                 ": no format that patchgate reads; first bytes ",
                                                 absl::BytesToHexString(bytes.substr(0, 8))));
}

}  // namespace

int Inspect(const InspectOptions& options, const Streams& streams) {
  const Json json = InspectFile(options);
  if (!json.ok()) {
    std::string message(json.status().message());
    // Readers of bytes do not know the path.
    if (!absl::StartsWith(message, options.file))
      message = absl::StrCat(options.file, ": ", message);
    return Fail(streams, message);
  }
  if (options.decode) {
    streams.out << *json << std::flush;  // The very bytes.
  } else {
    streams.out << absl::StripSuffix(*json, "\n") << "\n" << std::flush;
  }
  return kOk;
}

}  // namespace patchgate::cli
