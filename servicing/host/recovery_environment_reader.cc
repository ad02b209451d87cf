#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "servicing/host/platform_reader.h"
#include "servicing/xml/xml_stream.h"

namespace patchgate::host {
namespace {

constexpr char kPath[] = "Windows/System32/Recovery/ReAgent.xml";
constexpr char kNoGuid[] = "{00000000-0000-0000-0000-000000000000}";

// A real one has 2 KB.
constexpr size_t kMostBytes = 1 << 20;

class ReAgentHandler : public xml::Handler {
 public:
  explicit ReAgentHandler(RecoveryEnvironment* facts) : facts_(facts) {}

  bool OnStart(absl::string_view element, const std::vector<xml::Attribute>& attributes) override {
    const auto text = [&](absl::string_view name) {
      return std::string(xml::Find(attributes, name).value_or(""));
    };
    const auto guid = [&](absl::string_view name) {
      std::string value = absl::AsciiStrToLower(text(name));
      return value == kNoGuid ? std::string() : value;
    };
    if (root_.empty()) {
      root_ = std::string(element);
      facts_->set_version(text("version"));
    } else if (element == "WinreBCD") {
      facts_->set_bcd_guid(guid("id"));
    } else if (element == "WinreLocation") {
      facts_->set_location_path(text("path"));
      facts_->set_location_partition_guid(guid("guid"));
    } else if (element == "InstallState") {
      SetState(text("state"));
    }
    return true;
  }

  const std::string& root() const { return root_; }

 private:
  void SetState(const std::string& text) {
    uint32_t state = 0;
    if (absl::SimpleAtoi(text, &state)) return facts_->set_install_state(state);
    Gap* gap = facts_->mutable_collection()->add_gaps();
    gap->set_where(absl::StrCat(kPath, ": InstallState"));
    gap->set_what(absl::StrCat("state is \"", text.substr(0, 40), "\", expected a number"));
  }

  RecoveryEnvironment* facts_;
  std::string root_;
};

void SetUnreadable(absl::string_view reason, RecoveryEnvironment* facts) {
  Collection collection;
  collection.set_source(kPath);
  collection.set_status(Collection::UNREADABLE);
  collection.set_reason(std::string(reason));
  collection.set_modified_filetime(facts->collection().modified_filetime());
  facts->Clear();  // Half of a file is no fact.
  *facts->mutable_collection() = std::move(collection);
}

}  // namespace

RecoveryEnvironment ReadRecoveryEnvironment(const evidence::Source& source) {
  RecoveryEnvironment facts;
  Collection* collection = facts.mutable_collection();
  collection->set_source(kPath);
  const absl::StatusOr<std::unique_ptr<evidence::File>> file = source.Open(kPath);
  if (!file.ok()) {
    collection->set_status(absl::IsNotFound(file.status()) ? Collection::ABSENT
                                                           : Collection::UNREADABLE);
    collection->set_reason(std::string(file.status().message()));
    return facts;
  }
  collection->set_modified_filetime((*file)->info().modified);
  const absl::string_view bytes = (*file)->bytes();
  if (bytes.size() > kMostBytes) {
    SetUnreadable(absl::StrCat(bytes.size(), " bytes, expected at most ", kMostBytes), &facts);
    return facts;
  }
  collection->set_status(Collection::COLLECTED);
  ReAgentHandler handler(&facts);
  const absl::Status parsed = xml::Parse(bytes, &handler);
  if (!parsed.ok()) {
    SetUnreadable(parsed.message(), &facts);
  } else if (handler.root() != "WindowsRE") {
    SetUnreadable(
        absl::StrCat("root element is ", handler.root().substr(0, 40), ", expected WindowsRE"),
        &facts);
  }
  return facts;
}

}  // namespace patchgate::host
