#include "servicing/cbs/log/cbs_log_reader.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/cab/cab.h"
#include "servicing/cbs/log/cbs_log_parser.h"

namespace patchgate::cbs {

using absl::string_view;
using evidence::FileInfo;

namespace {

constexpr string_view kFolder = "Windows/Logs/CBS";
constexpr string_view kLive = "CBS.log";
constexpr size_t kWindow = size_t{1} << 20;

void AddGap(Collection* collection, string_view where, string_view what) {
  Gap* const gap = collection->add_gaps();
  gap->set_where(std::string(where));
  gap->set_what(std::string(what));
}

// "20260113180405" of "CbsPersist_20260113180405.cab"; "" if the name is not of that form.
std::string RotationTime(string_view name) {
  constexpr size_t kDigits = 14;
  const std::string lower = absl::AsciiStrToLower(name);
  string_view rest = lower;
  if (!absl::ConsumePrefix(&rest, "cbspersist_") || rest.size() < kDigits) return "";
  const string_view digits = rest.substr(0, kDigits);
  rest.remove_prefix(kDigits);
  if (digits.find_first_not_of("0123456789") != string_view::npos) return "";
  return rest == ".log" || rest == ".cab" ? std::string(digits) : "";
}

bool IsUtf16(string_view bytes) {
  if (absl::StartsWith(bytes, "\xFF\xFE") || absl::StartsWith(bytes, "\xFE\xFF")) return true;
  return bytes.size() >= 4 && ((bytes[0] != 0 && bytes[1] == 0 && bytes[2] != 0 && bytes[3] == 0) ||
                               (bytes[0] == 0 && bytes[1] != 0 && bytes[2] == 0 && bytes[3] != 0));
}

// Called with each window of a file after it was read.
using Release = absl::FunctionRef<void(size_t offset, size_t size)>;

// The unpacked size of a rotated file as far as one can tell before unpacking it.
absl::StatusOr<uint64_t> TextSize(string_view bytes) {
  if (!cab::IsCab(bytes)) return bytes.size();
  PG_ASSIGN_OR_RETURN(const std::vector<cab::CabFile> files, cab::ListCab(bytes));
  uint64_t size = 0;
  for (const cab::CabFile& file : files) size += file.size;
  return size;
}

constexpr string_view kUtf16Reason = "UTF-16 text; CBS.log is UTF-8, so nothing of it was read";

// Feeds a cabinet's text, at most `limit` bytes of it.
absl::Status FeedCab(string_view bytes, uint64_t limit, CbsLogParser* parser) {
  bool is_first = true, is_utf16 = false;
  PG_RETURN_IF_ERROR(cab::ExtractCab(bytes, limit, [&](string_view, string_view piece) {
    is_utf16 = is_first && IsUtf16(piece);
    is_first = false;
    if (!is_utf16) parser->Feed(piece);
    return !is_utf16;
  }));
  return is_utf16 ? absl::InvalidArgumentError(kUtf16Reason) : absl::OkStatus();
}

// Reads one file of text or a cabinet from `skip` on. False if text is missing behind it.
bool ReadBytes(string_view bytes, uint64_t limit, Release release, CbsLogParser* parser,
               CbsLogFile* file) {
  Collection* const collection = file->mutable_collection();
  collection->set_status(Collection::COLLECTED);
  parser->BeginFile(file);
  absl::Status status;
  if (cab::IsCab(bytes)) {
    file->set_compressed(true);
    status = FeedCab(bytes, limit, parser);
  } else if (IsUtf16(bytes)) {
    status = absl::InvalidArgumentError(kUtf16Reason);
  } else {
    size_t offset = 0;
    if (bytes.size() > limit) {
      // The newest text is at the end.
      const size_t line_end = bytes.find('\n', static_cast<size_t>(bytes.size() - limit));
      offset = line_end == string_view::npos ? bytes.size() : line_end + 1;
      parser->TextLost();
      AddGap(collection, collection->source(),
             absl::StrCat("the first ", offset, " of ", bytes.size(),
                          " bytes were not read: the limit for rotated logs is reached"));
    }
    for (; offset < bytes.size(); offset += kWindow) {
      const string_view window = bytes.substr(offset, kWindow);
      parser->Feed(window);
      release(offset, window.size());
    }
  }
  parser->EndFile();
  if (status.ok()) return true;
  if (file->lines() == 0) {
    collection->set_status(Collection::UNREADABLE);
    collection->set_reason(std::string(status.message()));
    collection->clear_gaps();
  } else {
    AddGap(collection, collection->source(), status.message());
  }
  return false;
}

// The files to read, oldest first, CBS.log last; and what is said of those that are not.
class FileList {
 public:
  FileList(const evidence::Source& source, const CbsLogOptions& options)
      : source_(source), options_(options) {}

  struct Entry {
    std::string path;
    FileInfo info;
    std::unique_ptr<evidence::File> file;
    absl::Status status;  // Of opening it.
    uint64_t limit = 0;   // Bytes of text to read.
  };

  absl::Status Read(Collection* collection) {
    PG_ASSIGN_OR_RETURN(const std::vector<FileInfo> listing, source_.List(kFolder));
    bool has_live = false;
    std::vector<std::pair<std::string, FileInfo>> rotated;  // By time of rotation.
    for (size_t i = 0; i < listing.size(); ++i) {
      const FileInfo& info = listing[i];
      const bool is_live = NamesEqual(info.name, kLive);
      const std::string time = RotationTime(info.name);
      if (!is_live && time.empty()) continue;
      if (i > 0 && NamesEqual(info.name, listing[i - 1].name)) {
        AddGap(collection, info.name, "one name to Windows with the file before it; not read");
        continue;
      }
      if (is_live) {
        has_live = true;
        live_ = info;
      } else {
        rotated.emplace_back(time, info);
      }
    }
    if (!has_live && rotated.empty()) {
      return absl::NotFoundError("neither CBS.log nor CbsPersist_* is in it");
    }
    if (!has_live) AddGap(collection, kLive, "not found: what happened last is not known");
    std::stable_sort(rotated.begin(), rotated.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    SelectRotated(rotated, collection);
    if (has_live) entries_.push_back(Open(live_));
    return absl::OkStatus();
  }

  std::vector<Entry>& entries() { return entries_; }

 private:
  Entry Open(const FileInfo& info) {
    Entry entry;
    entry.path = absl::StrCat(kFolder, "/", info.name);
    entry.info = info;
    entry.limit = ~uint64_t{0};
    auto file = source_.Open(entry.path);
    if (file.ok()) {
      entry.file = *std::move(file);
    } else {
      entry.status = file.status();
    }
    return entry;
  }

  // From the newest on until a limit is reached: an older file behind a hole would only mislead.
  void SelectRotated(const std::vector<std::pair<std::string, FileInfo>>& rotated,
                     Collection* collection) {
    uint64_t room = options_.max_rotated_bytes;
    size_t i = rotated.size();
    for (; i > 0; --i) {
      const FileInfo& info = rotated[i - 1].second;
      // A rotation that was interrupted leaves the text beside the cabinet made from it.
      const bool has_text = i < rotated.size() && rotated[i].first == rotated[i - 1].first &&
                            rotated[i].second.size > 0 && !entries_.empty() &&
                            entries_.back().file != nullptr;
      if (has_text) continue;
      if (static_cast<int>(entries_.size()) >= options_.max_rotated_files) break;
      Entry entry = Open(info);
      if (entry.file != nullptr) {
        const absl::StatusOr<uint64_t> size = TextSize(entry.file->bytes());
        const bool is_cab = cab::IsCab(entry.file->bytes());
        if (size.ok() && (room == 0 || (is_cab && *size > room))) break;
        entry.limit = room;
        room -= std::min(room, size.ok() ? *size : 0);
      }
      entries_.push_back(std::move(entry));
    }
    std::reverse(entries_.begin(), entries_.end());
    if (i == 0) return;
    AddGap(
        collection,
        i == 1 ? rotated[0].second.name
               : absl::StrCat(rotated[0].second.name, " to ", rotated[i - 1].second.name),
        absl::StrCat(i, " older files not read: at most ", options_.max_rotated_bytes,
                     " bytes and ", options_.max_rotated_files, " files of rotated logs are read"));
  }

  const evidence::Source& source_;
  const CbsLogOptions options_;
  FileInfo live_;
  std::vector<Entry> entries_;
};

}  // namespace

CbsLog ReadCbsLog(const evidence::Source& source, const CbsLogOptions& options) {
  CbsLog log;
  Collection* const collection = log.mutable_collection();
  collection->set_source(std::string(kFolder));
  FileList files(source, options);
  if (const absl::Status status = files.Read(collection); !status.ok()) {
    collection->set_status(absl::IsNotFound(status) ? Collection::ABSENT : Collection::UNREADABLE);
    collection->set_reason(std::string(status.message()));
    return log;
  }
  collection->set_status(Collection::COLLECTED);
  CbsLogParser parser(&log);
  for (FileList::Entry& entry : files.entries()) {
    CbsLogFile* const file = log.add_files();
    file->mutable_collection()->set_source(entry.path);
    file->mutable_collection()->set_modified_filetime(entry.info.modified);
    if (entry.file == nullptr) {
      file->mutable_collection()->set_status(Collection::UNREADABLE);
      file->mutable_collection()->set_reason(std::string(entry.status.message()));
      parser.TextLost();
      continue;
    }
    const auto release = [&](size_t offset, size_t size) { entry.file->Release(offset, size); };
    if (!ReadBytes(entry.file->bytes(), entry.limit, release, &parser, file)) parser.TextLost();
    entry.file.reset();
  }
  // The section itself says what is missing from it as a whole.
  for (const CbsLogFile& file : log.files()) {
    if (file.collection().status() != Collection::UNREADABLE) continue;
    AddGap(collection, file.collection().source(), file.collection().reason());
  }
  parser.Finish();
  return log;
}

void ReadCbsLogText(string_view name, string_view bytes, CbsLog* log) {
  CbsLogParser parser(log);
  CbsLogFile* const file = log->add_files();
  Collection* const collection = file->mutable_collection();
  collection->set_source(std::string(name));
  const string_view base = name.substr(name.find_last_of("/\\") + 1);
  if (absl::StrContains(absl::AsciiStrToLower(base), "checksur") && !IsUtf16(bytes) &&
      !cab::IsCab(bytes)) {
    collection->set_status(Collection::COLLECTED);
    file->set_size(bytes.size());
    parser.ParseUndatedStoreCheck(bytes);
  } else {
    ReadBytes(
        bytes, ~uint64_t{0}, [](size_t, size_t) {}, &parser, file);
  }
  if (!log->has_collection()) {
    log->mutable_collection()->set_source(std::string(name));
    log->mutable_collection()->set_status(collection->status());
    log->mutable_collection()->set_reason(collection->reason());
  }
  parser.Finish();
}

}  // namespace patchgate::cbs
