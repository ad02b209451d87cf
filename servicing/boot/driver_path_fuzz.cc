// Fuzz target of where a driver's ImagePath leads.
//
// An input is a drive letter, the name of the service up to a newline, and ImagePath. Pieces that
// paths are made of stand for single bytes from 0x80 on, so that short inputs reach every form.
//
// Inputs of more than 64 KiB say nothing that smaller ones do not, and are refused.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "servicing/boot/driver_path.h"
#include "servicing/evidence/source.h"

namespace patchgate::boot {
namespace {

constexpr size_t kLargestInput = 64 << 10;

constexpr absl::string_view kPieces[] = {
    "\\SystemRoot\\",
    "%SystemRoot%\\",
    "%windir%\\",
    "%SystemDrive%\\",
    "\\??\\",
    "\\DosDevices\\",
    "\\GLOBAL??\\",
    "\\\\?\\",
    "C:\\",
    "D:\\",
    "System32\\",
    "drivers\\",
    "..\\",
    "../",
    ".\\",
    "UNC\\",
    "\"",
    "%",
    "x.sys",
    "\\",
    "/",
    ":",
};
constexpr unsigned char kFirstPiece = 0x80;

void Require(bool condition) {
  if (!condition) std::abort();
}

std::string Expanded(absl::string_view input) {
  std::string text;
  for (const char c : input) {
    const auto byte = static_cast<unsigned char>(c);
    const size_t piece = byte - kFirstPiece;
    if (byte >= kFirstPiece && piece < sizeof(kPieces) / sizeof(kPieces[0])) {
      absl::StrAppend(&text, kPieces[piece]);
    } else {
      text.push_back(c);
    }
  }
  return text;
}

// Whatever the text: a path that every source takes and that stays on the volume, or a short
// reason.
void Check(const DriverPath& resolved) {
  Require(resolved.path.empty() != resolved.problem.empty());
  Require(resolved.problem.size() < 300);
  if (resolved.path.empty()) return;
  Require(resolved.path.front() != '/' && resolved.path.back() != '/');
  Require(resolved.path.find_first_of("\\:\"*?<>|") == std::string::npos);
  Require(resolved.path.find('\0') == std::string::npos);
  for (const absl::string_view part : absl::StrSplit(resolved.path, '/')) {
    Require(!part.empty() && part != "." && part != "..");
  }
  Require(evidence::SplitVolumePath(resolved.path).ok());
}

}  // namespace
}  // namespace patchgate::boot

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace patchgate::boot;  // NOLINT: the entry point cannot be in the namespace.
  if (size == 0 || size > kLargestInput) return 0;
  const absl::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t end = rest.find('\n');
  const std::string service(rest.substr(0, end));
  const std::string image_path =
      end == absl::string_view::npos ? "" : Expanded(rest.substr(end + 1));
  const DriverPath resolved =
      ResolveDriverPath(service, image_path, static_cast<char>('A' + data[0] % 26));
  Check(resolved);
  // A path resolves to itself.
  if (absl::StartsWith(resolved.path, "Windows/")) {
    const DriverPath again =
        ResolveDriverPath(service, absl::StrCat("\\SystemRoot\\", resolved.path.substr(8)), 'C');
    Require(again.path == resolved.path);
  }
  return 0;
}
