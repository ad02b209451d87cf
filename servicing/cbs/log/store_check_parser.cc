#include "servicing/cbs/log/store_check_parser.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "servicing/base/utf16.h"
#include "servicing/cbs/log/bounded_list.h"
#include "servicing/cbs/log/message_fields.h"

namespace patchgate::cbs {

using absl::ConsumePrefix;
using absl::StartsWith;
using absl::string_view;

namespace {

bool IsMetadata(string_view kind) {
  return StartsWith(kind, "CBS MUM") || StartsWith(kind, "CBS Catalog") ||
         StartsWith(kind, "CSI Manifest");
}

// Whether the path leads through the folder of reverse deltas, "<component>\r\<file>".
bool IsReverseDelta(string_view path) { return absl::StrContains(path, "\\r\\"); }

}  // namespace

CbsStoreCheck* StoreCheckParser::Begin(const Stamp& time) {
  uint64_t dropped = log_->dropped();
  check_ = AddBounded(log_->mutable_store_checks(), kMaxChecks, &dropped);
  log_->set_dropped(dropped);
  *check_->mutable_time() = time;
  return check_;
}

void StoreCheckParser::AddCorruption(string_view line) {
  const std::vector<string_view> parts = absl::StrSplit(line, '\t', absl::SkipWhitespace());
  string_view kind, path;
  bool repaired = false;
  for (size_t i = 1; i < parts.size(); ++i) {
    const string_view part = absl::StripAsciiWhitespace(parts[i]);
    if (i == 1) {
      kind = part;
    } else if (part.front() == '(' && part.back() == ')') {
      repaired |= part == "(w)" || part == "(b)" || absl::EqualsIgnoreCase(part, "(fixed)");
    } else if (path.empty() && !StartsWith(part, "0x")) {
      path = part;
    }
  }
  check_->set_corruptions_total(check_->corruptions_total() + 1);
  if (!repaired) {
    check_->set_unrepaired_total(check_->unrepaired_total() + 1);
    if (IsReverseDelta(path)) {
      check_->set_unrepaired_reverse_deltas(check_->unrepaired_reverse_deltas() + 1);
    }
    if (IsMetadata(kind)) check_->set_unrepaired_metadata(check_->unrepaired_metadata() + 1);
  }
  if (check_->corruptions_size() >= kMaxCorruptions) return;
  CbsCorruption* const corruption = check_->add_corruptions();
  corruption->set_kind(Clean(kind));
  corruption->set_path(Clean(path));
  corruption->set_repaired(repaired);
}

bool StoreCheckParser::Parse(string_view message, const Stamp& time) {
  if (StartsWith(message, "Checking System Update Readiness.")) {
    Begin(time);
    is_open_ = true;
    return true;
  }
  // These two come behind the block.
  if (StartsWith(message, "Not all CSI corruption was fixed, create ")) {
    if (check_ == nullptr) Begin(time);
    check_->set_flagged(true);
    return true;
  }
  string_view rest = message;
  if (ConsumePrefix(&rest, "Count of times corruption detected: ")) {
    const absl::optional<uint32_t> count = ParseDecimal(rest);
    if (!count || check_ == nullptr) return false;
    check_->set_times_detected(*count);
    return true;
  }
  if (!is_open_) return false;
  if (StartsWith(message, "(p)\t") || StartsWith(message, "(f)\t")) {
    AddCorruption(message);
  } else if (ConsumePrefix(&rest, "Operation: ")) {
    check_->set_operation(Clean(absl::StripAsciiWhitespace(rest)));
  } else if (ConsumePrefix(&rest, "Operation result: ")) {
    const absl::optional<uint32_t> result = ParseHex32(rest, true);
    if (!result) return false;
    check_->set_result(*result);
  } else if (ConsumePrefix(&rest, "Last Successful Step: ")) {
    check_->set_last_step(Clean(absl::StripAsciiWhitespace(rest)));
  } else if (ConsumePrefix(&rest, "Total Detected Corruption:")) {
    const absl::optional<uint32_t> count = ParseDecimal(rest);
    if (!count) return false;
    check_->set_detected(*count);
  } else if (ConsumePrefix(&rest, "Total Repaired Corruption:")) {
    const absl::optional<uint32_t> count = ParseDecimal(rest);
    if (!count) return false;
    check_->set_repaired(*count);
  } else if (StartsWith(message, "Total Operation Time: ")) {
    is_open_ = false;
  } else {
    return false;
  }
  return true;
}

void StoreCheckParser::Finish() {
  uint64_t dropped = log_->dropped();
  KeepNewest(log_->mutable_store_checks(), kMaxChecks, &dropped);
  log_->set_dropped(dropped);
  Break();
}

CbsSfcRun* SfcParser::Run(FileTime local, const Stamp& time) {
  // sfc works through the store in blocks of some hundred components, each a few seconds long. A
  // verification ends without a last word; what follows so much later is another run.
  constexpr FileTime kPause = FileTime{3600} * kFileTimeTicksPerSecond;
  const bool is_same = local >= last_ && local - last_ <= kPause;
  last_ = local;
  if (run_ == nullptr || !is_same) {
    uint64_t dropped = log_->dropped();
    run_ = AddBounded(log_->mutable_sfc_runs(), kMaxRuns, &dropped);
    log_->set_dropped(dropped);
    is_closed_ = false;
    unrepaired_.clear();
    unrepaired_names_.clear();
  }
  *run_->mutable_time() = time;
  return run_;
}

void SfcParser::AddUnrepaired(string_view key, string_view name) {
  if (unrepaired_.size() < kMaxCounted && !unrepaired_.insert(UpcaseUtf8(key)).second) return;
  run_->set_cannot_repair(run_->cannot_repair() + 1);
  if (run_->unrepaired_files_size() < kMaxFiles) run_->add_unrepaired_files(Clean(name));
}

// "Cannot repair member file [l:9]'ntdll.dll' of Microsoft-Windows-Ntdll, version 10.0.19041.2788,
// arch amd64, … in the store, hash mismatch", or "Could not reproject corrupted file
// [l:23]'\??\C:\…'
// \[l:9]'ntdll.dll'; source file in store is also corrupted", which speaks of the same file again.
void SfcParser::AddDamagedMember(string_view text) {
  constexpr string_view kOf = " of ";
  const bool is_member = StartsWith(text, "Cannot repair ");
  string_view file;
  for (string_view rest = text.substr(0, text.find(';'));;) {
    const absl::optional<string_view> next = CsiStringOf(rest);
    if (!next) break;
    file = *next;
    rest.remove_prefix(static_cast<size_t>(next->data() + next->size() - rest.data()));
    if (is_member) {
      text = rest;
      break;
    }
  }
  const std::string upper = UpcaseUtf8(file);
  if (!is_member) {
    if (!unrepaired_names_.contains(upper)) AddUnrepaired(upper, file);
    return;
  }
  if (unrepaired_names_.size() < kMaxCounted) unrepaired_names_.insert(upper);
  const size_t of = text.find(kOf);
  const string_view component = of == string_view::npos ? "" : text.substr(of + kOf.size());
  AddUnrepaired(absl::StrCat(upper, kOf, component.substr(0, component.find(" in the store"))),
                absl::StrCat(file, kOf, component.substr(0, component.find(", "))));
}

void SfcParser::RemoveUnrepaired(string_view name) {
  if (unrepaired_.erase(UpcaseUtf8(name)) == 0) return;
  run_->set_cannot_repair(run_->cannot_repair() - 1);
  auto* const files = run_->mutable_unrepaired_files();
  files->erase(
      std::remove_if(files->begin(), files->end(),
                     [&](const std::string& file) { return NamesEqual(file, Clean(name)); }),
      files->end());
}

bool SfcParser::Parse(string_view message, FileTime local, const Stamp& time) {
  string_view rest = message;
  if (ConsumePrefix(&rest, "[Pnp] Corrupt file: ")) {
    Run(local, time);
    AddUnrepaired(absl::StripAsciiWhitespace(rest), absl::StripAsciiWhitespace(rest));
    return true;
  }
  if (ConsumePrefix(&rest, "[Pnp] Repaired file: ")) {
    CbsSfcRun* const run = Run(local, time);
    run->set_repaired(run->repaired() + 1);
    RemoveUnrepaired(absl::StripAsciiWhitespace(rest));
    return true;
  }
  if (!ConsumePrefix(&rest, "[SR] ")) return false;
  const bool begins = StartsWith(rest, "Verifying ") || StartsWith(rest, "Beginning ");
  if (begins && is_closed_) run_ = nullptr;
  if (begins || StartsWith(rest, "Repairing ")) {
    Run(local, time)->set_complete(false);
  } else if (StartsWith(rest, "Verify complete")) {
    Run(local, time)->set_complete(true);
  } else if (StartsWith(rest, "Repair complete")) {
    Run(local, time)->set_complete(true);
    is_closed_ = true;
  } else if (StartsWith(rest, "Cannot repair member file ") ||
             StartsWith(rest, "Could not reproject corrupted file ")) {
    Run(local, time);
    AddDamagedMember(rest);
  } else if (StartsWith(rest, "Repaired file ")) {
    CbsSfcRun* const run = Run(local, time);
    run->set_repaired(run->repaired() + 1);
  } else {
    return false;
  }
  return true;
}

void SfcParser::Finish() {
  uint64_t dropped = log_->dropped();
  KeepNewest(log_->mutable_sfc_runs(), kMaxRuns, &dropped);
  log_->set_dropped(dropped);
  Break();
}

}  // namespace patchgate::cbs
