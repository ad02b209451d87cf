#include "servicing/cbs/session_journal_reader.h"

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "servicing/base/log_time.h"
#include "servicing/base/utf16.h"
#include "servicing/cbs/cbs_reader.h"
#include "servicing/text/fields.h"
#include "servicing/text/section_file.h"
#include "servicing/xml/xml_stream.h"

namespace patchgate::cbs {
namespace {

constexpr absl::string_view kFolder = "Windows/servicing/Sessions";
constexpr absl::string_view kJournal = "Sessions.xml";
constexpr size_t kSessions = 300;
constexpr int kPackages = 10;  // Of one session.
constexpr int kMostPackages = 20;
constexpr int kFiles = 1'000;
constexpr size_t kField = 100;  // Bytes of a name, an id or a state; real ones have fewer.

using Attributes = std::vector<xml::Attribute>;

class Reader : public xml::Handler {
 public:
  Reader(const evidence::File* file, SessionJournal* facts) : facts_(facts), releaser_(file) {}

  bool OnStart(absl::string_view element, const Attributes& attributes) override {
    if (++depth_ == 1) root_ = text::Short(element, kField);
    if (element == "Session") {
      OnSession(attributes);
      session_depth_ = depth_;
    } else if (element == "package" && session_depth_ > 0) {
      OnPackage(attributes);
    }
    return true;
  }

  bool OnEnd(absl::string_view) override {
    if (depth_-- == session_depth_) session_depth_ = 0;
    return true;
  }

  void OnConsumed(size_t size) override { releaser_.Consumed(size); }

  void Finish() {
    for (JournalSession& session : sessions_) *facts_->add_sessions() = std::move(session);
    // An empty journal is one of a new installation; another file by its name says nothing.
    if (facts_->sessions_total() == 0 && !root_.empty() && root_ != "Sessions") {
      AddGap(absl::StrCat("root element is <", root_, ">, and there is no <Session> in it"));
    }
  }

  void AddGap(absl::string_view what) { text::AddGap(facts_->mutable_journal(), kJournal, what); }

 private:
  static std::string Field(const Attributes& attributes, absl::string_view name) {
    return text::Short(xml::Find(attributes, name).value_or(""), kField);
  }

  void OnSession(const Attributes& attributes) {
    facts_->set_sessions_total(facts_->sessions_total() + 1);
    if (sessions_.size() == kSessions) sessions_.pop_front();
    JournalSession& session = sessions_.emplace_back();
    session.set_id(Field(attributes, "id"));
    session.set_created_filetime(SessionTime(session.id()).value_or(0));
    session.set_client(Field(attributes, "client"));
    session.set_last_successful_state(Field(attributes, "lastSuccessfulState"));
    session.set_pending_follower(
        absl::EqualsIgnoreCase(xml::Find(attributes, "pendingFollower").value_or(""), "true"));
    if (const auto status = xml::Find(attributes, "status"); status && !status->empty()) {
      if (const auto value = text::ParseStatus(*status)) {
        session.set_status(*value);
      } else {
        AddGap(absl::StrCat("session ", session.id(), ": status=\"", *status, "\""));
      }
    }
    const auto stamp = [&](absl::string_view name) -> absl::optional<Stamp> {
      const absl::optional<absl::string_view> text = xml::Find(attributes, name);
      if (!text || text->empty()) return absl::nullopt;
      const absl::optional<FileTime> time = ParseLogTime(*text);
      if (!time) AddGap(absl::StrCat("session ", session.id(), ": ", name, "=\"", *text, "\""));
      Stamp stamp;
      stamp.set_filetime(time.value_or(0));
      stamp.set_local(true);
      return stamp;
    };
    if (const auto time = stamp("Queued")) *session.mutable_queued() = *time;
    if (const auto time = stamp("Started")) *session.mutable_started() = *time;
    if (const auto time = stamp("Complete")) *session.mutable_complete() = *time;
  }

  void OnPackage(const Attributes& attributes) {
    JournalSession& session = sessions_.back();
    session.set_packages_total(session.packages_total() + 1);
    // Beyond the first few only those that a failure would matter of.
    const std::string id = Field(attributes, "id");
    const bool matters =
        absl::StrContains(id, "RollupFix") || absl::StrContains(id, "ServicingStack");
    if (session.packages_size() >= (matters ? kMostPackages : kPackages)) return;
    JournalPackage* package = session.add_packages();
    package->set_id(id);
    package->set_name(Field(attributes, "name"));
    package->set_target_state(Field(attributes, "targetState"));
  }

  SessionJournal* facts_;
  text::Releaser releaser_;
  std::deque<JournalSession> sessions_;  // The last ones.
  std::string root_;
  int depth_ = 0;
  int session_depth_ = 0;  // Of the open <Session>; 0 outside.
};

void Read(absl::string_view bytes, const evidence::File* file, SessionJournal* facts) {
  Reader reader(file, facts);
  const absl::Status status = xml::Parse(bytes, &reader);
  reader.Finish();
  if (!status.ok()) reader.AddGap(status.message());
}

}  // namespace

void ReadSessionJournalBytes(absl::string_view bytes, SessionJournal* facts) {
  Read(bytes, nullptr, facts);
}

SessionJournal ReadSessionJournal(const evidence::Source& source) {
  SessionJournal facts;
  const auto listing = text::ListSection(source, kFolder, facts.mutable_collection());
  const std::unique_ptr<evidence::File> journal =
      text::OpenSection(source, absl::StrCat(kFolder, "/", kJournal), facts.mutable_journal());
  if (journal != nullptr) {
    facts.set_journal_size(journal->bytes().size());
    Read(journal->bytes(), journal.get(), &facts);
  }
  if (!listing) return facts;
  for (const evidence::FileInfo& info : *listing) {
    absl::string_view stem = info.name;
    constexpr absl::string_view kExtension = ".xml";
    if (info.is_directory || NamesEqual(info.name, kJournal) ||
        !absl::EndsWithIgnoreCase(stem, kExtension)) {
      continue;
    }
    if (facts.files_size() >= kFiles) {
      text::AddGap(facts.mutable_collection(), kFolder,
                   absl::StrCat("more than ", kFiles, " session files"));
      break;
    }
    stem.remove_suffix(kExtension.size());
    SessionFile* file = facts.add_files();
    file->set_name(text::Short(info.name));
    file->set_created_filetime(SessionTime(stem).value_or(0));
    file->set_size(info.size);
    file->set_modified_filetime(info.modified);
  }
  return facts;
}

}  // namespace patchgate::cbs
