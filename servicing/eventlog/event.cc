#include "servicing/eventlog/event.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "servicing/base/utf16.h"

namespace patchgate::eventlog {
namespace {

// Windows' own limit is 255 characters; the names are kept, once for each kind of event.
constexpr size_t kMaxProvider = 3 * 255;

// Adds a piece to a value. One piece keeps its type; several become text.
void Append(Value piece, OwnedValue* value) {
  if (value->type == kNull) {
    value->type = piece.type;
    value->data.assign(piece.data.data(), piece.data.size());
    return;
  }
  if (value->type != kString) {
    value->data = Utf8ToUtf16Le(ToText(value->view()));
    value->type = kString;
  }
  if (piece.type == kString) {
    value->data.append(piece.data.data(), piece.data.size());
  } else {
    value->data += Utf8ToUtf16Le(ToText(piece));
  }
}

void Clear(OwnedValue* value) {
  value->type = kNull;
  value->data.clear();
}

// Follows the walker through Event/System and Event/EventData or Event/UserData.
class EventBuilder : public XmlHandler {
 public:
  EventBuilder(absl::FunctionRef<bool(const Event&)> is_wanted, Event* event)
      : is_wanted_(is_wanted), event_(event) {}

  bool has_system() const { return has_system_; }
  bool has_id() const { return has_id_; }
  bool has_provider() const { return event_->provider.size() <= kMaxProvider; }

  void OnElement(Name name) override {
    value_ = nullptr;
    switch (++depth_) {
      case 1:
        is_event_ = name.Is("Event");
        break;
      case 2:
        section_ = !is_event_             ? kOther
                   : name.Is("System")    ? kSystem
                   : name.Is("EventData") ? kEventData
                   : name.Is("UserData")  ? kUserData
                                          : kOther;
        break;
      case 3:
        OnItem(name);
        break;
      case 4:
        if (section_ == kUserData) AddField(Utf16LeToUtf8(name.utf16));
        break;
      default:
        break;
    }
  }

  void OnAttribute(Name name) override {
    value_ = nullptr;
    if (depth_ != 3) return;
    if (item_ == kProvider && name.Is("Name")) value_ = &provider_;
    if (item_ == kProvider && name.Is("Guid")) value_ = &guid_;
    if (item_ == kEventId && name.Is("Qualifiers")) value_ = &qualifiers_;
    if (item_ == kTimeCreated && name.Is("SystemTime")) value_ = &time_;
    if (item_ == kData && name.Is("Name")) value_ = &field_name_;
  }

  void OnContent() override {
    value_ = nullptr;
    if (depth_ == 3 && item_ == kEventId) value_ = &id_;
    if (depth_ == 3 && item_ == kChannel) value_ = &channel_;
    if ((depth_ == 3 && item_ == kData) || (depth_ == 4 && section_ == kUserData)) {
      value_ = &event_->fields.back().value;
    }
  }

  void OnValue(Value value) override {
    if (value_ != nullptr) Append(value, value_);
  }

  bool OnEnd() override {
    value_ = nullptr;
    if (depth_ == 3 && item_ == kData) FinishData();
    --depth_;
    if (depth_ == 2) item_ = kNone;
    if (depth_ != 1 || section_ != kSystem) return true;
    section_ = kOther;
    if (has_system_) return true;  // A second one says nothing.
    has_system_ = true;
    FinishSystem();
    return is_wanted_(*event_);
  }

 private:
  enum Section { kOther, kSystem, kEventData, kUserData };
  enum Item { kNone, kProvider, kEventId, kTimeCreated, kChannel, kData };

  void OnItem(Name name) {
    item_ = kNone;
    if (section_ == kSystem && !has_system_) {
      item_ = name.Is("Provider")      ? kProvider
              : name.Is("EventID")     ? kEventId
              : name.Is("TimeCreated") ? kTimeCreated
              : name.Is("Channel")     ? kChannel
                                       : kNone;
    } else if (section_ == kEventData && name.Is("Data")) {
      item_ = kData;
      Clear(&field_name_);
      AddField("");
    } else if (section_ == kUserData) {
      event_->user_data = Utf16LeToUtf8(name.utf16);
    }
  }

  void AddField(std::string name) {
    event_->fields.emplace_back();
    event_->fields.back().name = std::move(name);
  }

  void FinishData() {
    EventField field = std::move(event_->fields.back());
    field.name = ToText(field_name_.view());
    if (field.value.type != (kString | kArray)) {
      event_->fields.back() = std::move(field);
      return;
    }
    // Strings that each end in NUL.
    event_->fields.pop_back();
    const std::string& array = field.value.data;
    for (size_t begin = 0, end = 0; end + 1 < array.size(); end += 2) {
      const bool is_nul = array[end] == 0 && array[end + 1] == 0;
      if (!is_nul && end + 3 < array.size()) continue;
      AddField(field.name);
      event_->fields.back().value.type = kString;
      event_->fields.back().value.data = array.substr(begin, (is_nul ? end : end + 2) - begin);
      begin = end + 2;
    }
  }

  void FinishSystem() {
    event_->provider = ToText(provider_.view());
    event_->provider_guid = absl::AsciiStrToLower(ToText(guid_.view()));
    event_->channel = ToText(channel_.view());
    event_->qualifiers = ToUint32(qualifiers_.view()).value_or(0);
    if (const FileTime time = ToFileTime(time_.view())) event_->time = time;
    const absl::optional<int64_t> id = ToInteger(id_.view());
    has_id_ = id && *id >= 0 && *id <= std::numeric_limits<uint16_t>::max();
    if (has_id_) event_->id = static_cast<uint32_t>(*id);
  }

  absl::FunctionRef<bool(const Event&)> is_wanted_;
  Event* event_;
  int depth_ = 0;
  bool is_event_ = false;
  Section section_ = kOther;
  Item item_ = kNone;
  OwnedValue* value_ = nullptr;  // What the pieces that come now belong to.
  OwnedValue provider_, guid_, id_, qualifiers_, time_, channel_, field_name_;
  bool has_system_ = false, has_id_ = false;
};

}  // namespace

Value Event::Find(absl::string_view name) const {
  for (const EventField& field : fields) {
    if (field.name == name) return field.value.view();
  }
  return {};
}

Value Event::At(size_t index) const {
  return index < fields.size() ? fields[index].value.view() : Value{};
}

absl::Status EventDecoder::Decode(const Record& record,
                                  absl::FunctionRef<bool(const Event&)> is_wanted, Event* event) {
  event->provider.clear();
  event->provider_guid.clear();
  event->id = event->qualifiers = 0;
  event->channel.clear();
  event->time = record.written;
  event->record_id = record.id;
  event->user_data.clear();
  event->fields.clear();

  if (record.chunk.data() != chunk_) {
    chunk_ = record.chunk.data();
    chunk_budget_ = kChunkBudget;
  }
  const Budget granted = std::min(chunk_budget_, kRecordBudget);
  Budget left = granted;
  EventBuilder builder(is_wanted, event);
  const absl::Status status =
      walker_.Walk(record.chunk, record.xml_begin, record.xml_end, &builder, &left);
  chunk_budget_ -= granted - left;
  if (!status.ok()) return status;
  if (!builder.has_system()) return absl::DataLossError("the event has no <System>");
  if (!builder.has_id()) return absl::DataLossError("<System> has no event id");
  if (!builder.has_provider()) {
    return absl::DataLossError(
        absl::StrCat("<System> has a provider name of ", event->provider.size(), " bytes"));
  }
  return absl::OkStatus();
}

}  // namespace patchgate::eventlog
