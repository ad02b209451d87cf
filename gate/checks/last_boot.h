// Whether a mark in the registry is from before the last boot, and so may be stale.
#ifndef GATE_CHECKS_LAST_BOOT_H_
#define GATE_CHECKS_LAST_BOOT_H_

#include <string>

#include "gate/check.h"
#include "servicing/base/filetime.h"

namespace patchgate::gate::checks {

enum class Age {
  kUnknown,  // It has no time, or nothing tells when the host last booted, or they are too close.
  kBeforeBoot,  // Definitely written before the last boot.
  kSinceBoot,   // Definitely written after it.
};

// A boot or a mark later than the time of judgement is not believed. The sources tell a boot some
// minutes apart (servicing/history/timeline.cc); nothing closer to it than that is put in order.
Age AgeOf(FileTime written, const CheckInput& input);

// The last boot in words: "the last boot (2025-12-15T07:20:00Z, System.evtx record 812)".
std::string LastBootText(const CheckInput& input);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_LAST_BOOT_H_
