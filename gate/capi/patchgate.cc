#include "gate/capi/patchgate.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gate/gate.h"
#include "gate/report/report.h"
#include "gate/verdict.pb.h"
#include "google/protobuf/stubs/logging.h"
#include "servicing/base/stop.h"
#include "servicing/base/utf16.h"
#include "servicing/base/version.h"

// What a handle points to begins with a number that says of which kind it is.
struct patchgate_verdict {
  static constexpr uint64_t kMark = 0x7463696472655650;  // "PVerdict"
  uint64_t mark = kMark;
  patchgate::Verdict verdict;
  std::string json;
  std::string line;
};

struct patchgate_cancellation {
  static constexpr uint64_t kMark = 0x6c65636e61435047;  // "GPCancel"
  uint64_t mark = kMark;
  std::atomic<bool> requested{false};
};

namespace {

using patchgate::CleanUtf8;
using patchgate::EvidenceLine;
using patchgate::Finding;
using patchgate::Stop;
using patchgate::Verdict;

constexpr size_t kMaxStructSize = 4096;
constexpr uint64_t kLeastNow = 125911584000000000;  // 2000-01-01: what is less has another unit.
constexpr uint64_t kMaxTimeLimitMs = uint64_t{100} * 366 * 24 * 3600 * 1000;  // A century.
// Sizes of the structures of ABI version 1: nobody has smaller ones. They stay when the structures
// grow.
constexpr size_t kOptionsSize1 =
    offsetof(patchgate_options, cancellation) + sizeof(patchgate_options::cancellation);
constexpr size_t kFindingSize1 =
    offsetof(patchgate_finding, evidence_count) + sizeof(patchgate_finding::evidence_count);
constexpr size_t kEvidenceSize1 =
    offsetof(patchgate_evidence, written) + sizeof(patchgate_evidence::written);

template <typename Handle>
bool IsA(const Handle* handle) {
  if (handle == nullptr) return false;
  uint64_t mark;
  std::memcpy(&mark, static_cast<const void*>(handle), sizeof(mark));
  return mark == Handle::kMark;
}

absl::Status Invalid(absl::string_view what, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(what, " ", problem));
}

// Copies as much of `text` as fits with a NUL, ending at a whole character.
void CopyText(absl::string_view text, char* out, size_t size) noexcept {
  size_t length = std::min(text.size(), size - 1);
  if (length < text.size()) {
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
  }
  std::memcpy(out, text.data(), length);
  out[length] = '\0';
}

void Tell(absl::string_view text, char* out, size_t size) noexcept {
  if (out == nullptr || size == 0) return;
  try {
    CopyText(patchgate::gate::EscapeForTerminal(CleanUtf8(text)), out, size);
  } catch (...) {
    CopyText("out of memory", out, size);
  }
}

// A text of the caller; nullopt where null says that there is none.
absl::StatusOr<absl::optional<absl::string_view>> ReadText(absl::string_view what, const char* data,
                                                           size_t size) {
  if (data == nullptr) {
    if (size == 0 || size == PATCHGATE_NUL_TERMINATED) return {absl::nullopt};
    return Invalid(what, "is null, and its size is not");
  }
  if (size == PATCHGATE_NUL_TERMINATED) size = std::strlen(data);
  if (size > PTRDIFF_MAX) return Invalid(what, "has a size that no text has");
  const absl::string_view text(data, size);
  if (text.find('\0') != absl::string_view::npos) return Invalid(what, "holds a NUL");
  if (CleanUtf8(text) != text) return Invalid(what, "is not valid UTF-8");
  return {text};
}

// Everything that is asked of one call.
struct Request {
  patchgate::gate::Options options;
  std::unique_ptr<Stop> stop;  // options.stop
};

// The part of the caller's structure that this library knows.
absl::StatusOr<patchgate_options> KnownOptions(const patchgate_options* given) {
  patchgate_options known;
  patchgate_options_init(&known, sizeof(known));
  if (given == nullptr) return known;
  if (given->size < kOptionsSize1 || given->size > kMaxStructSize) {
    return Invalid("options", absl::StrCat("state a size of ", given->size, " bytes, not ",
                                           kOptionsSize1, " to ", kMaxStructSize));
  }
  const char* const bytes = reinterpret_cast<const char*>(given);
  const size_t known_size = std::min(given->size, sizeof(known));
  if (std::any_of(bytes + known_size, bytes + given->size, [](char c) { return c != 0; })) {
    return Invalid("options", absl::StrCat("set something that this version, ",
                                           patchgate::kPatchgateVersion, ", does not know"));
  }
  std::memcpy(&known, bytes, known_size);
  return known;
}

absl::StatusOr<Request> ReadOptions(const patchgate_options* given) {
  const absl::StatusOr<patchgate_options> known = KnownOptions(given);
  if (!known.ok()) return known.status();
  const auto esp = ReadText("options: esp", known->esp, known->esp_size);
  if (!esp.ok()) return esp.status();
  const auto policy = ReadText("options: policy", known->policy, known->policy_size);
  if (!policy.ok()) return policy.status();
  Request request;
  if (*esp) {
    // An empty one was meant to be a path.
    if ((*esp)->empty()) return Invalid("options: esp", "is empty");
    request.options.esp = std::string(**esp);
  }
  if (*policy) request.options.policy = std::string(**policy);
  // By seconds since 1970, taken for a FILETIME, no waiver would ever expire.
  if (known->now != 0 && known->now < kLeastNow) {
    return Invalid("options: now", absl::StrCat(known->now, " is a FILETIME before 2000"));
  }
  request.options.now = known->now;
  using Profile = patchgate::CollectOptions::Profile;
  switch (known->profile) {
    case PATCHGATE_PROFILE_QUICK:
      request.options.profile = Profile::kQuick;
      break;
    case PATCHGATE_PROFILE_FULL:
      request.options.profile = Profile::kFull;
      break;
    default:
      return Invalid("options: profile", absl::StrCat(known->profile, " is unknown"));
  }
  if (known->jobs > patchgate::gate::kMaxJobs) {
    return Invalid("options: jobs",
                   absl::StrCat("is ", known->jobs, ", more than ", patchgate::gate::kMaxJobs));
  }
  request.options.jobs = static_cast<int>(known->jobs);
  const std::atomic<bool>* cancelled = nullptr;
  if (known->cancellation != nullptr) {
    if (!IsA(known->cancellation)) return Invalid("options: cancellation", "is none");
    cancelled = &known->cancellation->requested;
  }
  request.stop = std::make_unique<Stop>(cancelled);
  request.stop->SetTimeLimit(
      std::chrono::milliseconds(std::min(known->time_limit_ms, kMaxTimeLimitMs)));
  request.options.stop = request.stop.get();
  return request;
}

enum class Evidence { kHost, kSnapshot };

int32_t ErrorOf(const absl::Status& status, Evidence evidence) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return evidence == Evidence::kSnapshot ? PATCHGATE_BAD_SNAPSHOT : PATCHGATE_INVALID_ARGUMENT;
    case absl::StatusCode::kUnimplemented:
      return evidence == Evidence::kSnapshot ? PATCHGATE_BAD_SNAPSHOT : PATCHGATE_UNSUPPORTED;
    case absl::StatusCode::kNotFound:
      return PATCHGATE_NOT_FOUND;
    case absl::StatusCode::kPermissionDenied:
      return PATCHGATE_ACCESS_DENIED;
    case absl::StatusCode::kFailedPrecondition:
      return PATCHGATE_NOT_WINDOWS;
    case absl::StatusCode::kCancelled:
      return PATCHGATE_CANCELLED;
    case absl::StatusCode::kDeadlineExceeded:
      return PATCHGATE_DEADLINE_EXCEEDED;
    default:
      return PATCHGATE_FAILED;
  }
}

// What all evaluations share: `check` looks at the arguments of this one alone, `evaluate` gets
// the options. Nothing leaves but an error or a verdict.
template <typename Check, typename Evaluate>
int32_t Answer(Evidence evidence, const patchgate_options* options, patchgate_verdict** verdict,
               char* error_text, size_t error_size, Check check, Evaluate evaluate) noexcept {
  const auto fail = [&](int32_t error, absl::string_view text) {
    Tell(text, error_text, error_size);
    return error;
  };
  if (error_text != nullptr && error_size > 0) *error_text = '\0';
  if (verdict == nullptr) return fail(PATCHGATE_INVALID_ARGUMENT, "verdict is null");
  *verdict = nullptr;
  const google::protobuf::LogSilencer quiet;  // It tells standard error of damaged input.
  try {
    const absl::Status checked = check();
    if (!checked.ok()) return fail(PATCHGATE_INVALID_ARGUMENT, checked.message());
    const absl::StatusOr<Request> request = ReadOptions(options);
    if (!request.ok()) {
      return fail(PATCHGATE_INVALID_ARGUMENT, request.status().message());
    }
    absl::StatusOr<Verdict> result = evaluate(request->options);
    if (!result.ok()) {
      int32_t error = ErrorOf(result.status(), evidence);
      if (result.status().code() == absl::StatusCode::kInvalidArgument &&
          !patchgate::gate::CheckPolicy(request->options.policy).ok()) {
        error = PATCHGATE_BAD_POLICY;
      }
      return fail(error, result.status().message());
    }
    auto handle = std::make_unique<patchgate_verdict>();
    handle->verdict = *std::move(result);
    handle->json = patchgate::gate::JsonReport(handle->verdict);
    handle->line = patchgate::gate::OneLineReport(handle->verdict);
    *verdict = handle.release();
    return PATCHGATE_OK;
  } catch (const std::bad_alloc&) {
    return fail(PATCHGATE_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    return fail(PATCHGATE_FAILED, error.what());
  } catch (...) {
    return fail(PATCHGATE_FAILED, "an exception of unknown type");
  }
}

patchgate_text TextOf(const std::string& text) { return {text.c_str(), text.size()}; }

// Fills `out`, whose size its caller set: with all of `value` that it has room for, and zeros where
// it is larger.
template <typename Struct>
int32_t Fill(Struct value, size_t size1, Struct* out) {
  const size_t size = out->size;
  if (size < size1 || size > kMaxStructSize) return PATCHGATE_INVALID_ARGUMENT;
  value.size = size;
  char* const bytes = reinterpret_cast<char*>(out);
  std::memset(bytes, 0, size);
  std::memcpy(bytes, &value, std::min(size, sizeof(value)));
  return PATCHGATE_OK;
}

const Finding* FindingAt(const patchgate_verdict* verdict, size_t index) {
  if (!IsA(verdict)) return nullptr;
  if (index >= static_cast<size_t>(verdict->verdict.findings_size())) return nullptr;
  return &verdict->verdict.findings(static_cast<int>(index));
}

int32_t ResultOf(Finding::Result result) {
  switch (result) {
    case Finding::PASS:
      return PATCHGATE_PASS;
    case Finding::NOT_APPLICABLE:
      return PATCHGATE_NOT_APPLICABLE;
    case Finding::INFO:
      return PATCHGATE_INFO;
    case Finding::WARN:
      return PATCHGATE_WARN;
    case Finding::BLOCK:
      return PATCHGATE_BLOCK;
    default:
      return PATCHGATE_UNKNOWN;
  }
}

const char* Report(const std::string& text, size_t* size) {
  if (size != nullptr) *size = text.size();
  return text.c_str();
}

}  // namespace

extern "C" {

uint32_t patchgate_abi_version(void) { return PATCHGATE_ABI_VERSION; }

const char* patchgate_version(void) { return patchgate::kPatchgateVersion; }

int32_t patchgate_options_init(patchgate_options* options, size_t size) {
  if (options == nullptr || size < kOptionsSize1 || size > kMaxStructSize) {
    return PATCHGATE_INVALID_ARGUMENT;
  }
  patchgate_options defaults = {};
  defaults.esp_size = PATCHGATE_NUL_TERMINATED;
  defaults.policy_size = PATCHGATE_NUL_TERMINATED;
  defaults.profile = PATCHGATE_PROFILE_QUICK;
  options->size = size;
  return Fill(defaults, kOptionsSize1, options);
}

int32_t patchgate_evaluate_directory(const char* root, size_t root_size,
                                     const patchgate_options* options, patchgate_verdict** verdict,
                                     char* error_text, size_t error_size) {
  std::string path;
  const auto check = [&] {
    const auto text = ReadText("root", root, root_size);
    if (!text.ok()) return text.status();
    if (!*text || (*text)->empty()) return Invalid("root", *text ? "is empty" : "is null");
    path = std::string(**text);
    return absl::OkStatus();
  };
  return Answer(Evidence::kHost, options, verdict, error_text, error_size, check,
                [&](const patchgate::gate::Options& asked) {
                  return patchgate::gate::EvaluateDirectory(path, asked);
                });
}

int32_t patchgate_evaluate_live_host(const patchgate_options* options, patchgate_verdict** verdict,
                                     char* error_text, size_t error_size) {
  return Answer(
      Evidence::kHost, options, verdict, error_text, error_size, [] { return absl::OkStatus(); },
      [](const patchgate::gate::Options& asked) {
        return patchgate::gate::EvaluateLiveHost(asked);
      });
}

int32_t patchgate_evaluate_snapshot(const void* bytes, size_t size,
                                    const patchgate_options* options, patchgate_verdict** verdict,
                                    char* error_text, size_t error_size) {
  const auto check = [&] {
    if (bytes == nullptr) return Invalid("bytes", "is null");
    if (size > PTRDIFF_MAX) return Invalid("size", "is one that no snapshot has");
    return absl::OkStatus();
  };
  return Answer(
      Evidence::kSnapshot, options, verdict, error_text, error_size, check,
      [&](const patchgate::gate::Options& asked) {
        return patchgate::gate::EvaluateSnapshot({static_cast<const char*>(bytes), size}, asked);
      });
}

void patchgate_verdict_free(patchgate_verdict* verdict) {
  if (IsA(verdict)) delete verdict;
}

int32_t patchgate_verdict_outcome(const patchgate_verdict* verdict) {
  if (!IsA(verdict)) return PATCHGATE_INDETERMINATE;
  switch (verdict->verdict.outcome()) {
    case Verdict::GO:
      return PATCHGATE_GO;
    case Verdict::NO_GO:
      return PATCHGATE_NO_GO;
    default:
      return PATCHGATE_INDETERMINATE;
  }
}

int32_t patchgate_verdict_busy(const patchgate_verdict* verdict) {
  return IsA(verdict) && verdict->verdict.busy() ? 1 : 0;
}

const char* patchgate_verdict_json(const patchgate_verdict* verdict, size_t* size) {
  if (size != nullptr) *size = 0;
  return IsA(verdict) ? Report(verdict->json, size) : nullptr;
}

const char* patchgate_verdict_line(const patchgate_verdict* verdict, size_t* size) {
  if (size != nullptr) *size = 0;
  return IsA(verdict) ? Report(verdict->line, size) : nullptr;
}

size_t patchgate_finding_count(const patchgate_verdict* verdict) {
  return IsA(verdict) ? static_cast<size_t>(verdict->verdict.findings_size()) : 0;
}

int32_t patchgate_finding_get(const patchgate_verdict* verdict, size_t index,
                              patchgate_finding* finding) {
  const Finding* const found = FindingAt(verdict, index);
  if (found == nullptr || finding == nullptr) return PATCHGATE_INVALID_ARGUMENT;
  patchgate_finding value = {};
  value.result = ResultOf(found->result());
  value.waived = found->has_waiver() ? 1 : 0;
  value.check = TextOf(found->check());
  value.name = TextOf(found->name());
  value.summary = TextOf(found->summary());
  value.resolution = TextOf(found->resolution());
  value.actor = TextOf(found->actor());
  value.evidence_count = static_cast<size_t>(found->evidence_size());
  return Fill(value, kFindingSize1, finding);
}

int32_t patchgate_evidence_get(const patchgate_verdict* verdict, size_t finding_index,
                               size_t evidence_index, patchgate_evidence* evidence) {
  const Finding* const found = FindingAt(verdict, finding_index);
  if (found == nullptr || evidence == nullptr ||
      evidence_index >= static_cast<size_t>(found->evidence_size())) {
    return PATCHGATE_INVALID_ARGUMENT;
  }
  const EvidenceLine& line = found->evidence(static_cast<int>(evidence_index));
  patchgate_evidence value = {};
  value.where = TextOf(line.where());
  value.what = TextOf(line.what());
  value.written = TextOf(line.written());
  return Fill(value, kEvidenceSize1, evidence);
}

patchgate_cancellation* patchgate_cancellation_create(void) {
  return new (std::nothrow) patchgate_cancellation;
}

void patchgate_cancellation_request(patchgate_cancellation* cancellation) {
  if (IsA(cancellation)) cancellation->requested.store(true, std::memory_order_relaxed);
}

void patchgate_cancellation_free(patchgate_cancellation* cancellation) {
  if (IsA(cancellation)) delete cancellation;
}

}  // extern "C"
