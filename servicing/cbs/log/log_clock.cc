#include "servicing/cbs/log/log_clock.h"

#include <cstdlib>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace patchgate::cbs {
namespace {

// No date that a log can hold (up to year 9999) has this bit.
constexpr FileTime kWaiting = FileTime{1} << 63;
constexpr int64_t kTicksPerMinute = 60 * int64_t{kFileTimeTicksPerSecond};

template <typename Visitor>
void ForEachMessage(google::protobuf::Message* message, const Visitor& visit) {
  using google::protobuf::FieldDescriptor;
  visit(message);
  const google::protobuf::Reflection* const reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* const field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      ForEachMessage(reflection->MutableMessage(message, field), visit);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
      ForEachMessage(reflection->MutableRepeatedMessage(message, field, i), visit);
    }
  }
}

}  // namespace

FileTime LogClock::ToUtc(FileTime local) const {
  const int64_t ticks = *offset_minutes_ * kTicksPerMinute;
  return static_cast<FileTime>(static_cast<int64_t>(local) - ticks);
}

Stamp LogClock::At(FileTime local) {
  Stamp stamp;
  if (has_own_offset_) {
    stamp.set_filetime(ToUtc(local));
  } else {
    stamp.set_filetime(local | kWaiting);
    stamp.set_local(true);
    has_waiting_ = true;
  }
  return stamp;
}

FileTime LogClock::BareAt(FileTime local) { return At(local).filetime(); }

bool LogClock::SetUniversalTime(FileTime local, FileTime utc, CbsLog* log) {
  constexpr int64_t kStep = 15, kMax = 14 * 60;
  const int64_t ticks = static_cast<int64_t>(local) - static_cast<int64_t>(utc);
  if (std::abs(ticks) > (kMax + kStep) * kTicksPerMinute) return false;
  const int64_t half = (ticks < 0 ? -1 : 1) * kStep * kTicksPerMinute / 2;
  const int64_t minutes = (ticks + half) / (kStep * kTicksPerMinute) * kStep;
  if (std::abs(minutes) > kMax) return false;
  offset_minutes_ = static_cast<int>(minutes);
  has_own_offset_ = true;
  Settle(log);
  return true;
}

void LogClock::EndFile(CbsLog* log) {
  Settle(log);
  has_own_offset_ = false;
}

void LogClock::Settle(CbsLog* log) {
  if (!has_waiting_) return;
  has_waiting_ = false;
  ForEachMessage(log, [this](google::protobuf::Message* message) {
    if (message->GetDescriptor() == Stamp::descriptor()) {
      auto* const stamp = static_cast<Stamp*>(message);
      if ((stamp->filetime() & kWaiting) == 0) return;
      const FileTime local = stamp->filetime() & ~kWaiting;
      stamp->set_filetime(offset_minutes_ ? ToUtc(local) : local);
      stamp->set_local(!offset_minutes_);
    } else if (message->GetDescriptor() == CbsMark::descriptor()) {
      auto* const mark = static_cast<CbsMark*>(message);
      if ((mark->event_filetime() & kWaiting) == 0) return;
      mark->set_event_filetime(offset_minutes_ ? ToUtc(mark->event_filetime() & ~kWaiting) : 0);
    }
  });
}

}  // namespace patchgate::cbs
