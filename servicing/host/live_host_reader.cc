#include "servicing/host/live_host_reader.h"

#include <algorithm>

namespace patchgate::host {

void MergeActivities(const LiveHost& later, LiveHost* facts) {
  for (const LiveActivity& activity : later.activities()) {
    const auto same = [&](const LiveActivity& other) { return other.where() == activity.where(); };
    if (std::none_of(facts->activities().begin(), facts->activities().end(), same)) {
      *facts->add_activities() = activity;
    }
  }
  for (const Gap& gap : later.collection().gaps()) {
    const auto& gaps = facts->collection().gaps();
    const auto same = [&](const Gap& other) { return other.where() == gap.where(); };
    if (std::none_of(gaps.begin(), gaps.end(), same)) {
      *facts->mutable_collection()->add_gaps() = gap;
    }
  }
}

}  // namespace patchgate::host
