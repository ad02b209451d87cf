#include "servicing/cbs/log/mark_list.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "servicing/cbs/log/message_fields.h"

namespace patchgate::cbs {

CbsMark* MarkList::Add(CbsMark::Kind kind, absl::string_view subject,
                       absl::optional<uint32_t> hresult, const Stamp& time,
                       absl::string_view text) {
  constexpr size_t kMaxText = 300;
  const std::string clean_subject = Clean(subject);
  std::string key =
      absl::StrCat(kind, "|", hresult ? absl::StrCat(*hresult) : "", "|", clean_subject);
  auto found = entries_.find(key);
  if (found == entries_.end()) {
    if (entries_.size() >= 2 * size_t{kMaxMarks}) Trim(kMaxMarks - 1);
    CbsMark* const mark = log_->add_marks();
    mark->set_kind(kind);
    mark->set_subject(clean_subject);
    if (hresult) mark->set_hresult(*hresult);
    *mark->mutable_first() = time;
    found = entries_.emplace(std::move(key), Entry{mark, 0}).first;
  }
  CbsMark* const mark = found->second.mark;
  found->second.last_seen = ++calls_;
  *mark->mutable_last() = time;
  mark->set_count(mark->count() + 1);
  mark->set_text(Clean(text, kMaxText));
  return mark;
}

void MarkList::Trim(size_t keep) {
  if (entries_.size() <= keep) return;
  std::vector<uint64_t> seen;
  seen.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) seen.push_back(entry.last_seen);
  // Calls have distinct numbers, so exactly `keep` of them are not below this one.
  std::nth_element(seen.begin(), seen.begin() + static_cast<ptrdiff_t>(keep) - 1, seen.end(),
                   std::greater<>());
  const uint64_t oldest_kept = seen[keep - 1];
  absl::flat_hash_set<const CbsMark*> dropped;
  for (auto it = entries_.begin(); it != entries_.end();) {
    const auto next = std::next(it);
    if (it->second.last_seen < oldest_kept) {
      dropped.insert(it->second.mark);
      entries_.erase(it);
    }
    it = next;
  }
  // Moved to the end in their order, then cut off: what stays keeps its address.
  auto* const marks = log_->mutable_marks();
  int kept = 0;
  for (int i = 0; i < marks->size(); ++i) {
    if (dropped.contains(&marks->Get(i))) continue;
    marks->SwapElements(kept++, i);
  }
  log_->set_dropped(log_->dropped() + static_cast<uint64_t>(marks->size() - kept));
  marks->DeleteSubrange(kept, marks->size() - kept);
}

}  // namespace patchgate::cbs
