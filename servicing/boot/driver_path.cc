#include "servicing/boot/driver_path.h"

#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "servicing/text/fields.h"

namespace patchgate::boot {
namespace {

constexpr size_t kLongestPath = 32'767;  // Of Windows, in UTF-16 code units.
constexpr size_t kMostParts = 32;        // Each folder may be walked; real paths have up to 8.
constexpr size_t kShown = 100;           // Bytes of a path that a problem quotes.

DriverPath Problem(absl::string_view what, absl::string_view path) {
  return {"", absl::StrCat(what, ": ", text::Short(path, kShown))};
}

bool ConsumePrefixIgnoringCase(absl::string_view prefix, absl::string_view* s) {
  if (!absl::StartsWithIgnoreCase(*s, prefix)) return false;
  s->remove_prefix(prefix.size());
  return true;
}

bool ConsumeAny(std::initializer_list<absl::string_view> prefixes, absl::string_view* s) {
  for (const absl::string_view prefix : prefixes) {
    if (ConsumePrefixIgnoringCase(prefix, s)) return true;
  }
  return false;
}

bool IsDrive(absl::string_view s) {
  return s.size() >= 2 && absl::ascii_isalpha(s[0]) && s[1] == ':';
}

bool IsInFileName(char c) {
  return static_cast<unsigned char>(c) >= 0x20 &&
         absl::string_view(":*?\"<>|").find(c) == absl::string_view::npos;
}

// What remains of a value without what does not belong to the path.
absl::string_view Trimmed(absl::string_view s) {
  s = absl::StripAsciiWhitespace(s.substr(0, s.find('\0')));
  if (!s.empty() && s.front() == '"') {
    s.remove_prefix(1);
    s = absl::StripAsciiWhitespace(s.substr(0, s.find('"')));
  }
  return s;
}

// `path` is relative to the root of the volume.
DriverPath OnVolume(absl::string_view path, absl::string_view shown) {
  if (path.size() > kLongestPath) return Problem("longer than any path", shown);
  std::vector<absl::string_view> parts = absl::StrSplit(path, '\\', absl::SkipEmpty());
  size_t kept = 0;
  for (const absl::string_view part : parts) {
    if (part == ".") continue;
    if (part == "..") return Problem("leads through a parent folder", shown);
    for (const char c : part) {
      if (!IsInFileName(c)) return Problem("no name of a file", shown);
    }
    parts[kept++] = part;
  }
  parts.resize(kept);
  if (kept > kMostParts) {
    return Problem(absl::StrCat("leads through more than ", kMostParts - 1, " folders"), shown);
  }
  // "%x%" is a name, too, but nobody calls a folder so.
  const size_t percent = path.find('%');
  if (percent != absl::string_view::npos &&
      path.find('%', percent + 1) != absl::string_view::npos) {
    return Problem("an environment variable that is not known here", shown);
  }
  if (parts.empty() || absl::EndsWith(path, "\\") || absl::EndsWith(path, "\\.")) {
    return Problem("names no file", shown);
  }
  // As volumes spell it, which spares a source that knows case the search.
  constexpr absl::string_view kUsual[] = {"Windows", "System32", "drivers"};
  for (size_t i = 0; i + 1 < parts.size() && i < std::size(kUsual); ++i) {
    if (!absl::EqualsIgnoreCase(parts[i], kUsual[i])) break;
    parts[i] = kUsual[i];
  }
  return {absl::StrJoin(parts, "/"), ""};
}

// `path` begins with a drive.
DriverPath OnDrive(absl::string_view path, char system_drive, absl::string_view shown) {
  const char drive = absl::ascii_toupper(path[0]);
  if (path.size() < 3 || path[2] != '\\') return Problem("no full path", shown);
  if (drive != absl::ascii_toupper(system_drive)) {
    return {"", absl::StrCat("on drive ", absl::string_view(&drive, 1), ":, and Windows is on ",
                             absl::string_view(&system_drive, 1), ":")};
  }
  return OnVolume(path.substr(3), shown);
}

}  // namespace

DriverPath ResolveDriverPath(absl::string_view service, absl::string_view image_path,
                             char system_drive) {
  const absl::string_view trimmed = Trimmed(image_path);
  if (trimmed.empty()) {
    if (service.empty() || service.find_first_of("\\/") != absl::string_view::npos) {
      return Problem("no name of a file", service);
    }
    return OnVolume(absl::StrCat("Windows\\System32\\drivers\\", service, ".sys"), service);
  }
  const std::string backslashes = absl::StrReplaceAll(trimmed, {{"/", "\\"}});
  absl::string_view path = backslashes;
  if (ConsumeAny({"\\SystemRoot\\", "%SystemRoot%\\", "%windir%\\"}, &path)) {
    return OnVolume(absl::StrCat("Windows\\", path), trimmed);
  }
  if (ConsumePrefixIgnoringCase("%SystemDrive%\\", &path)) return OnVolume(path, trimmed);
  if (ConsumeAny({"\\??\\", "\\DosDevices\\", "\\GLOBAL??\\", "\\\\?\\", "\\\\.\\"}, &path)) {
    if (IsDrive(path)) return OnDrive(path, system_drive, trimmed);
    if (absl::StartsWithIgnoreCase(path, "UNC\\")) return Problem("on another host", trimmed);
    return Problem("on a volume that only a running Windows knows by this name", trimmed);
  }
  if (IsDrive(path)) return OnDrive(path, system_drive, trimmed);
  if (absl::StartsWith(path, "\\\\")) return Problem("on another host", trimmed);
  if (absl::StartsWith(path, "\\")) {
    return Problem("an object that only a running Windows knows by this name", trimmed);
  }
  if (absl::StartsWith(path, "%")) {
    return Problem("an environment variable that is not known here", trimmed);
  }
  return OnVolume(absl::StrCat("Windows\\", path), trimmed);
}

}  // namespace patchgate::boot
