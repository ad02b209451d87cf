#include "gate/import_update.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/types/optional.h"
#include "gate/file_version.h"
#include "google/protobuf/text_format.h"
#include "manifests/updates.h"
#include "servicing/base/status_macros.h"
#include "servicing/delta/dcm.h"
#include "servicing/digest/digest.h"
#include "servicing/history/package_name.h"
#include "servicing/store/identity.h"
#include "servicing/store/manifest.h"
#include "servicing/text/csv.h"
#include "servicing/text/fields.h"
#include "servicing/xml/xml_stream.h"

namespace patchgate::gate {
namespace {

// "File  Name " as "file name".
std::string ColumnName(absl::string_view cell) {
  std::string name = absl::AsciiStrToLower(cell);
  absl::RemoveExtraAsciiWhitespace(&name);
  return name;
}

// Where the columns are that an import reads; -1 for those that are not there.
struct Columns {
  int name = -1, version = -1, size = -1, date = -1, sha256 = -1, platform = -1;
};

// nullopt if the record does not name columns.
absl::optional<Columns> ParseColumns(const std::vector<std::string>& record) {
  Columns columns;
  for (size_t i = 0; i < record.size(); ++i) {
    const std::string name = ColumnName(record[i]);
    const auto is = [&](std::initializer_list<absl::string_view> names) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    int* const column = is({"file name", "filename", "name"})            ? &columns.name
                        : is({"file version", "fileversion", "version"}) ? &columns.version
                        : is({"file size", "filesize", "size"})          ? &columns.size
                        : is({"date", "file date", "modifiedtime"})      ? &columns.date
                        : is({"sha-256", "sha256", "sha256 hash", "sha-256 hash", "file hash"})
                            ? &columns.sha256
                        : is({"platform", "architecture"}) ? &columns.platform
                                                           : nullptr;
    if (column != nullptr && *column < 0) *column = static_cast<int>(i);
  }
  if (columns.name < 0 || (columns.version < 0 && columns.sha256 < 0)) return absl::nullopt;
  return columns;
}

// "x64" of "Windows 11, version 24H2 LCU x64-based"; empty if it names none.
absl::string_view SectionArchitecture(absl::string_view line) {
  const std::string lower = absl::AsciiStrToLower(line);
  for (const absl::string_view architecture : {"arm64", "x64", "x86"}) {
    for (const char* form : {"-based", " based"}) {
      if (absl::StrContains(lower, absl::StrCat(architecture, form))) {
        return architecture;
      }
    }
  }
  return "";
}

absl::string_view PlatformArchitecture(absl::string_view cell) {
  const std::string name = ColumnName(cell);
  if (name == "x64" || name == "amd64") return "x64";
  if (name == "arm64" || name == "arm64ec") return "arm64";
  // What the list calls x86 may well be a file of a 64-bit Windows.
  return "";
}

// For error texts, in one line.
std::string Quote(absl::string_view value) { return absl::Utf8SafeCEscape(text::Short(value)); }

bool IsDigits(absl::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// "10.0.26100.7462": whether it is made as a version is, though it may be none.
bool LooksLikeVersion(absl::string_view text) {
  return absl::StrContains(text, '.') && text.find_first_not_of("0123456789.") == text.npos;
}

// "10.0.26100.1" of that and of "10.0.26100.1 (WinBuild.160101.0800)".
absl::string_view VersionIn(absl::string_view cell) {
  cell = absl::StripAsciiWhitespace(cell);
  return absl::StripAsciiWhitespace(cell.substr(0, cell.find('(')));
}

// "2026-04-11" of that and of "11-Apr-2026"; empty for others, whose order of day and month nobody
// knows.
std::string Date(absl::string_view text) {
  absl::CivilDay day;
  if (text.size() == 10 && absl::ParseCivilTime(text, &day)) return absl::FormatCivilTime(day);
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '-');
  constexpr absl::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
  int number = 0, year = 0;
  if (parts.size() != 3 || parts[1].size() != 3 || !IsDigits(parts[0]) || !IsDigits(parts[2]) ||
      !absl::SimpleAtoi(parts[0], &number) || !absl::SimpleAtoi(parts[2], &year)) {
    return "";
  }
  const size_t month = kMonths.find(absl::AsciiStrToLower(parts[1]));
  constexpr int kCentury = 2000, kLastYear = 9999;
  if (parts[2].size() == 2) year += kCentury;
  if (month == kMonths.npos || month % 3 != 0 || year < kCentury - 100 || year > kLastYear) {
    return "";
  }
  day = absl::CivilDay(year, static_cast<int>(month / 3) + 1, number);
  return day.day() == number ? absl::FormatCivilTime(day) : "";
}

absl::string_view Cell(const std::vector<std::string>& record, int column) {
  if (column < 0 || static_cast<size_t>(column) >= record.size()) return "";
  return absl::StripAsciiWhitespace(record[column]);
}

// One line of a list, below a line with the names of its columns. `odd` says what is left out of
// it; without a name, all.
absl::StatusOr<ExpectedFile> ParseRow(const std::vector<std::string>& record,
                                      const Columns& columns, std::string* odd) {
  ExpectedFile file;
  const absl::string_view name = Cell(record, columns.name);
  if (name == "." || name == ".." || name.find_first_of("/\\") != name.npos) {
    *odd = absl::StrCat("file name \"", Quote(name), "\" is none of a file alone");
    return file;
  }
  file.set_name(std::string(name));
  if (file.name().empty() || file.name().find(':') != std::string::npos ||
      std::any_of(file.name().begin(), file.name().end(),
                  [](unsigned char c) { return absl::ascii_iscntrl(c); })) {
    return absl::InvalidArgumentError(absl::StrCat("file name \"", Quote(name), "\""));
  }
  const absl::string_view version = VersionIn(Cell(record, columns.version));
  if (ParseFileVersion(version)) {
    file.set_version(std::string(version));
  } else if (LooksLikeVersion(version)) {
    *odd = absl::StrCat("file version \"", Quote(version), "\" has not four numbers");
  }
  const std::string sha256 = absl::AsciiStrToLower(Cell(record, columns.sha256));
  if (!sha256.empty()) {
    constexpr size_t kDigits = 64;
    if (sha256.size() != kDigits || sha256.find_first_not_of("0123456789abcdef") != sha256.npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("SHA-256 \"", Quote(sha256), "\" is not 64 hexadecimal digits"));
    }
    file.set_sha256(sha256);
  }
  const std::string size = absl::StrReplaceAll(Cell(record, columns.size), {{",", ""}, {" ", ""}});
  uint64_t bytes = 0;
  if (IsDigits(size)) {
    if (!absl::SimpleAtoi(size, &bytes)) {
      return absl::InvalidArgumentError(absl::StrCat("file size \"", Quote(size), "\""));
    }
    file.set_size(bytes);
  }
  file.set_date(Date(Cell(record, columns.date)));
  return file;
}

void AddSource(absl::string_view name, absl::string_view bytes, UpdateDescriptor* update) {
  update->add_sources(absl::StrCat(name.substr(name.find_last_of("/\\") + 1), ", SHA-256 ",
                                   digest::ToHex(digest::Sha256(bytes))));
}

class MumHandler : public xml::Handler {
 public:
  bool OnStart(absl::string_view element, const std::vector<xml::Attribute>& attributes) override {
    element = element.substr(element.find(':') + 1);
    const auto value = [&](absl::string_view name) {
      return std::string(xml::Find(attributes, name).value_or(""));
    };
    ++depth_;
    if (depth_ == 1) {
      root = std::string(element);
    } else if (depth_ == 2 && element == "assemblyIdentity" && name.empty()) {
      name = value("name");
      version = value("version");
    } else if (depth_ == 2 && element == "package" && !has_package) {
      has_package = true;
      identifier = value("identifier");
    }
    return true;
  }
  bool OnEnd(absl::string_view) override {
    --depth_;
    return true;
  }

  std::string root, name, version, identifier;
  bool has_package = false;

 private:
  int depth_ = 0;
};

auto SortKey(const ExpectedFile& file) {
  return std::tie(file.path(), file.name(), file.architecture(), file.version(), file.sha256(),
                  file.date());
}

}  // namespace

absl::Status ImportFileList(absl::string_view name, absl::string_view bytes,
                            UpdateDescriptor* update, ImportCounts* counts) {
  if (absl::StartsWith(bytes, "\xFE\xFF")) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": is UTF-16BE; UTF-8 and UTF-16LE can be read"));
  }
  text::CsvReader csv(bytes);
  absl::optional<Columns> columns;
  std::string section;
  std::vector<std::string> record;
  bool has_rows = false;
  for (;;) {
    const absl::StatusOr<bool> more = csv.Next(&record);
    if (!more.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": ", more.status().message()));
    }
    if (!*more) break;
    const auto error = [&](absl::string_view text) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": line ", csv.line(), ": ", text));
    };
    if (auto header = ParseColumns(record)) {
      columns = header;
      continue;
    }
    const bool has_version = std::any_of(record.begin(), record.end(), [](const auto& cell) {
      return ParseFileVersion(VersionIn(cell)).has_value();
    });
    if (!has_version) {
      const absl::string_view architecture = SectionArchitecture(absl::StrJoin(record, ","));
      if (!architecture.empty()) {
        section = std::string(architecture);
        continue;
      }
    }
    if (!columns) {
      if (!has_version) continue;  // Words before the list.
      return error(
          "a file before any line with the names of the columns, like File name, File "
          "version");
    }
    if (Cell(record, columns->name).empty() && !has_version) continue;
    std::string odd;
    absl::StatusOr<ExpectedFile> file = ParseRow(record, *columns, &odd);
    if (!file.ok()) return error(file.status().message());
    has_rows = true;
    if (!odd.empty()) {
      if (++counts->odd == 1) counts->first_odd = std::string(error(odd).message());
      if (file->name().empty() || file->sha256().empty()) continue;
    }
    if (file->version().empty() && file->sha256().empty()) {
      ++counts->without_version;
      continue;
    }
    const absl::string_view platform = PlatformArchitecture(Cell(record, columns->platform));
    file->set_architecture(platform.empty() ? section : std::string(platform));
    ++counts->files;
    *update->add_files() = *std::move(file);
  }
  if (!has_rows) {
    return absl::InvalidArgumentError(absl::StrCat(
        name,
        ": no file: a list has a line with the names of its columns, like File name, File "
        "version, and a line for each file"));
  }
  AddSource(name, bytes, update);
  return absl::OkStatus();
}

absl::Status ImportPackageManifest(absl::string_view name, absl::string_view bytes,
                                   UpdateDescriptor* update) {
  MumHandler mum;
  const absl::Status status = xml::Parse(bytes, &mum);
  const auto error = [&](auto... text) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": ", text...));
  };
  if (!status.ok()) return error(status.message());
  if (mum.root != "assembly" || mum.name.empty() || !mum.has_package) {
    return error("no package manifest: an assembly with an assemblyIdentity and a package");
  }
  const std::string kb = text::FindKb(mum.identifier);
  if (!kb.empty() && kb != update->kb()) {
    return error("is of ", kb, ", not of ", update->kb());
  }
  const std::string identity = absl::StrCat(mum.name, "~~~~", mum.version);
  const bool stack = history::IsServicingStack(identity);
  if (stack || history::IsRollupFix(identity)) {
    const std::string build = history::BuildOf(identity);
    if (build.empty()) return error("version \"", mum.version, "\" is none like 26100.7462.1.9");
    if (std::find(update->builds().begin(), update->builds().end(), build) ==
        update->builds().end()) {
      update->add_builds(build);
    }
  }
  if (update->kind() == UpdateDescriptor::KIND_UNSPECIFIED) {
    update->set_kind(stack                            ? UpdateDescriptor::SERVICING_STACK
                     : history::IsRollupFix(identity) ? UpdateDescriptor::CUMULATIVE
                                                      : UpdateDescriptor::OTHER);
  }
  AddSource(name, bytes, update);
  return absl::OkStatus();
}

absl::Status ImportComponentManifest(absl::string_view name, absl::string_view bytes,
                                     UpdateDescriptor* update, ImportCounts* counts) {
  if (delta::CodingOf(bytes) != delta::ManifestCoding::kPlain) {
    const absl::string_view wrapper = delta::WrapperName(bytes);
    if (!wrapper.empty()) {
      return absl::UnimplementedError(absl::StrCat(name, ": is compressed (", wrapper,
                                                   "); patchgate inspect --decode writes its XML"));
    }
    return absl::InvalidArgumentError(absl::StrCat(name, ": is no manifest"));
  }
  store::Manifest manifest;
  const absl::Status status = store::ReadManifest(bytes, &manifest);
  if (!status.ok()) return absl::Status(status.code(), absl::StrCat(name, ": ", status.message()));
  const absl::string_view architecture = store::ArchitectureOfKey(manifest.key);
  const absl::string_view host = architecture == "amd64"   ? "x64"
                                 : architecture == "arm64" ? "arm64"
                                                           : "";
  for (const store::ManifestFile& file : manifest.files) {
    // What programs may change, and what stays in the store, is not measured.
    if (file.writable || file.destination.empty()) continue;
    if (file.sha256.empty()) {
      ++counts->without_version;
      continue;
    }
    ExpectedFile expected;
    const auto path = store::ProjectedPath(file.destination, file.name, architecture);
    if (path) {
      expected.set_path(*path);
    } else {
      expected.set_name(file.name.substr(file.name.find_last_of("/\\") + 1));
    }
    expected.set_sha256(digest::ToHex(file.sha256));
    expected.set_architecture(std::string(host));
    ++counts->files;
    *update->add_files() = std::move(expected);
  }
  AddSource(name, bytes, update);
  return absl::OkStatus();
}

absl::StatusOr<std::string> FormatUpdate(absl::string_view name, UpdateDescriptor update) {
  auto* files = update.mutable_files();
  std::sort(files->begin(), files->end(), [](const ExpectedFile& a, const ExpectedFile& b) {
    return std::make_tuple(SortKey(a), a.size()) < std::make_tuple(SortKey(b), b.size());
  });
  const auto end =
      std::unique(files->begin(), files->end(), [](const ExpectedFile& a, const ExpectedFile& b) {
        return SortKey(a) == SortKey(b) && a.size() == b.size();
      });
  files->DeleteSubrange(static_cast<int>(end - files->begin()),
                        static_cast<int>(files->end() - end));
  UpdateSet set;
  *set.add_updates() = std::move(update);
  std::string text;
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  if (!printer.PrintToString(set, &text)) {
    return absl::InternalError(absl::StrCat(name, ": the descriptor could not be written"));
  }
  text = absl::StrCat("# proto-file: manifests/update.proto\n# proto-message: UpdateSet\n", text);
  PG_RETURN_IF_ERROR(ParseUpdateSet(name, text).status());
  return text;
}

}  // namespace patchgate::gate
