#include <memory>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "gate/cli/commands.h"
#include "gate/cli/inspection.pb.h"
#include "gate/cli/json.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/cbs/pending_reader.h"
#include "servicing/collector.h"
#include "servicing/evidence/directory_source.h"
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

Json InspectPendingXml(const InspectOptions& options, const evidence::File& file) {
  PendingXml facts;
  cbs::ReadPendingXmlHeader(file.bytes(), &facts);
  PendingXmlInspection inspection;
  inspection.set_type("pending-xml");
  inspection.set_file(CleanUtf8(options.file));
  inspection.set_version(facts.version());
  inspection.set_wcp_version(facts.wcp_version());
  inspection.set_identifier(facts.identifier());
  inspection.set_identifier_time(FormatFileTime(facts.identifier_filetime()));
  for (const Gap& gap : facts.collection().gaps()) inspection.add_damage(gap.what());
  return ToJson(inspection);
}

Json InspectSnapshot(const evidence::File& file) {
  PG_ASSIGN_OR_RETURN(const Snapshot snapshot, ParseSnapshot(file.bytes()));
  PG_ASSIGN_OR_RETURN(const std::string json, ToJson(snapshot));
  return absl::StrCat("{\n \"type\": \"snapshot\",", absl::StripPrefix(json, "{"));
}

bool LooksLikeLog(absl::string_view bytes) {
  if (bytes.size() < regf::base_block::kSectorSize) return false;
  const uint32_t type = LoadLe32(bytes.data() + regf::base_block::kFileType);
  return type == regf::kNewLog || type == regf::kOldLog || type == regf::kVeryOldLog;
}

// Decides by content; the name only says where a hive's logs are.
Json InspectFile(const InspectOptions& options) {
  PG_ASSIGN_OR_RETURN(std::unique_ptr<evidence::File> file, evidence::OpenNativeFile(options.file));
  const absl::string_view bytes = file->bytes();
  const bool is_regf = absl::StartsWith(bytes, regf::base_block::kSignature);
  if (options.has_key && (!is_regf || LooksLikeLog(bytes))) {
    return absl::InvalidArgumentError(absl::StrCat(options.file, ": a KEY needs a hive"));
  }
  if (is_regf && LooksLikeLog(bytes)) return InspectLog(options, *file);
  if (is_regf) return InspectHive(options, std::move(file));
  if (absl::StartsWith(bytes, kSnapshotSignature)) return InspectSnapshot(*file);
  constexpr size_t kPrologue = 4096;  // A root element comes long before that.
  if (absl::StrContains(bytes.substr(0, kPrologue), "<PendingTransaction")) {
    return InspectPendingXml(options, *file);
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
  streams.out << absl::StripSuffix(*json, "\n") << "\n" << std::flush;
  return kOk;
}

}  // namespace patchgate::cli
