#include "gate/cli/cli.h"

#include <algorithm>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/cli/commands.h"
#include "gate/report/report.h"
#include "manifests/nearest.h"
#include "servicing/base/version.h"

namespace patchgate::cli {
namespace {

std::vector<std::string> FlagNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

// What a command did not understand, as an error text.
std::string Unexpected(const std::string& argument, const CLI::App& command) {
  if (!absl::StartsWith(argument, "-")) {
    return absl::StrCat(command.get_name(), ": unexpected argument ", argument);
  }
  const std::string flag = argument.substr(0, argument.find('='));
  const std::string where = command.get_parent() == nullptr ? "" : command.get_name() + ": ";
  return absl::StrCat(where, "unknown flag ", flag, DidYouMean(flag, FlagNames(command)));
}

}  // namespace

int Fail(const Streams& streams, const std::string& message) {
  streams.err << "patchgate: " << gate::EscapeForTerminal(message) << "\n";
  return kFailed;
}

namespace {

int Dispatch(const std::vector<std::string>& args, const Streams& streams) {
  CLI::App app("Is this Windows host in a state that can take the next cumulative update?",
               "patchgate");
  app.set_help_flag("-h,--help", "Show this help");
  app.footer(
      "Exit codes: 0 GO (or success), 1 patchgate failed, 2 NO_GO, 3 INDETERMINATE.\n"
      "patchgate COMMAND --help says more about each command.");

  CheckOptions check;
  CLI::App* check_command = app.add_subcommand("check", "Judge a Windows volume or a snapshot");
  CLI::Option* root = check_command->add_option(
      "--root", check.root, "Directory that holds a Windows volume (with Windows/System32/config)");
  check_command->add_option("--snapshot", check.snapshot, "Snapshot written by collect")
      ->excludes(root);
  check_command->add_option("--policy", check.policy, "Policy file: required evidence, waivers");
  check_command->add_option("--now", check.now,
                            "Judge as of this time, for waivers: 2025-12-16T18:00:00Z");
  check_command
      ->add_option("-o,--output", check.outputs,
                   "FORMAT or FORMAT=PATH; formats: text, json, one-line; may be repeated")
      ->type_name("FORMAT[=PATH]")
      ->allow_extra_args(false);

  CollectOptions collect;
  CLI::App* collect_command = app.add_subcommand("collect", "Write a snapshot of a Windows volume");
  collect_command->add_option("--root", collect.root, "Directory that holds a Windows volume")
      ->required();
  collect_command->add_option("-o,--output", collect.output, "File to write")->required();

  TimelineOptions timeline;
  CLI::App* timeline_command =
      app.add_subcommand("timeline", "Show updates, boots and servicing in the order of time");
  CLI::Option* timeline_root = timeline_command->add_option(
      "--root", timeline.root, "Directory that holds a Windows volume");
  timeline_command->add_option("--snapshot", timeline.snapshot, "Snapshot written by collect")
      ->excludes(timeline_root);
  timeline_command->add_option("-o,--output", timeline.format, "text or json")->type_name("FORMAT");

  InspectOptions inspect;
  CLI::App* inspect_command =
      app.add_subcommand("inspect", "Show as JSON what patchgate reads in one evidence file");
  inspect_command
      ->add_option("FILE", inspect.file,
                   "Hive, transaction log, event log, CBS.log (also as .cab), pending.xml,\n"
                   "Sessions.xml, poqexec.log, dism.log, ReportingEvents.log or snapshot")
      ->required();
  CLI::Option* key = inspect_command->add_option(
      "KEY", inspect.key, "Key below the hive's root, parts separated by \\");
  bool no_replay = false;
  inspect_command->add_flag("--no-replay", no_replay,
                            "Read a dirty hive as stored, without its logs");

  std::string id;
  CLI::App* explain_command = app.add_subcommand("explain", "Explain a check or an error code");
  explain_command
      ->add_option("ID", id,
                   "Check, as in findings: cbs.sessions-pending; or error: 0x800f0922, "
                   "CBS_E_INSTALLERS_FAILED")
      ->required();

  CLI::App* list_command = app.add_subcommand("list", "List all checks");
  CLI::App* version_command = app.add_subcommand("version", "Show the version");

  // Extras are collected, so that the answer to a slip can name the nearest flag.
  app.allow_extras();
  for (CLI::App* command : app.get_subcommands({})) command->allow_extras();

  try {
    std::vector<std::string> reversed(args.rbegin(), args.rend());  // As CLI11 wants them.
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    const auto parsed = app.get_subcommands();
    streams.out << (parsed.empty() ? app.help() : parsed.front()->help("patchgate"));
    return kOk;
  } catch (const CLI::ParseError& error) {
    const auto parsed = app.get_subcommands();
    // An unknown flag before the real complaint is the likelier cause of it.
    for (const CLI::App* command : parsed) {
      for (const std::string& extra : command->remaining()) {
        if (absl::StartsWith(extra, "-")) return Fail(streams, Unexpected(extra, *command));
      }
    }
    return Fail(streams, absl::StrCat(parsed.empty() ? "" : parsed.front()->get_name() + ": ",
                                      error.what()));
  }

  for (const CLI::App* command : app.get_subcommands()) {
    const std::vector<std::string> extras = command->remaining();
    if (!extras.empty()) return Fail(streams, Unexpected(extras.front(), *command));
  }
  const std::vector<std::string> extras = app.remaining();
  if (!extras.empty()) {
    const std::string& first = extras.front();
    if (first == "--version") return Version(streams);
    return Fail(streams, absl::StartsWith(first, "-")
                             ? Unexpected(first, app)
                             : absl::StrCat("unknown command ", first,
                                            DidYouMean(first, CommandNames(app))));
  }

  if (check_command->parsed()) return Check(check, streams);
  if (collect_command->parsed()) return Collect(collect, streams);
  if (timeline_command->parsed()) return ShowTimeline(timeline, streams);
  if (inspect_command->parsed()) {
    inspect.replay = !no_replay;
    inspect.has_key = key->count() > 0;
    return Inspect(inspect, streams);
  }
  if (explain_command->parsed()) return Explain(id, streams);
  if (list_command->parsed()) return List(streams);
  if (version_command->parsed()) return Version(streams);
  streams.err << app.help();
  return kFailed;
}

}  // namespace

int Run(const std::vector<std::string>& args, const Streams& streams) {
  const int code = Dispatch(args, streams);
  streams.out.flush();
  if (code != kFailed && !streams.out) {
    return Fail(streams, "the result could not be written to standard output");
  }
  return code;
}

}  // namespace patchgate::cli
