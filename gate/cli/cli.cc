#include "gate/cli/cli.h"

#include <algorithm>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/cli/commands.h"
#include "gate/cli/exit_style.h"
#include "gate/cli/failure.h"
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
  if (streams.failure != nullptr) *streams.failure = message;
  return kFailed;
}

namespace {

constexpr char kProfileHelp[] =
    "How deep the component store is verified. quick (default): its index, and\n"
    "manifests and payload of the boot path and the servicing stack; full:\n"
    "manifests and payload of everything, which takes minutes";

CLI::Option* AddRootOption(std::string* root, CLI::App* command) {
  return command
      ->add_option("--root", *root,
                   "Directory that holds a Windows volume (with Windows/System32/config).\n"
                   "Without it the Windows that runs here, which needs the rights of an\n"
                   "administrator; elsewhere than on Windows it must be given")
      ->type_name("DIR");
}

void AddEspOption(EvidencePaths* evidence, CLI::App* command) {
  command
      ->add_option("--esp", evidence->esp,
                   "Directory that holds the system partition (EFI system partition, or System\n"
                   "Reserved): its boot store and boot manager are judged too. Without it they\n"
                   "are looked for in the volume itself")
      ->type_name("DIR");
}

void AddTimeoutOption(std::string* timeout, CLI::App* command) {
  command
      ->add_option("--timeout", *timeout,
                   "Give up after this many seconds: the run has failed then. Without, there is\n"
                   "no limit")
      ->type_name("SECONDS");
}

void AddHowToEnd(CheckOptions* check, CLI::App* command) {
  command
      ->add_option("--exit-style", check->exit_style,
                   "Exit codes as the caller reads them; see below. native is the default")
      ->type_name("native|intune|msi|nagios");
  AddTimeoutOption(&check->timeout, command);
  command->add_flag("--event-log", check->event_log,
                    "Write the verdict to the Windows Event Log too: log Application, source\n"
                    "patchgate, ids 1000 GO, 1002 NO_GO, 1003 INDETERMINATE, 1001 run failed");
  command->footer(
      "Exit codes: native  0 GO, 1 patchgate failed, 2 NO_GO, 3 INDETERMINATE\n"
      "            intune  0 GO, 1 anything else\n"
      "            msi     0 GO, 1603 NO_GO, INDETERMINATE or failed, 1618 busy: ask again later;\n"
      "                    never 3010 or 1641. Where codes have 8 bits they are 67 and 82\n"
      "            nagios  0 GO, 1 GO with warnings, 2 NO_GO, 3 INDETERMINATE or failed\n"
      "An unknown style is an error with code 3. The last line of text and one-line on standard\n"
      "output is one line of ASCII, at most 2,048 characters, verdict first. A failed run writes\n"
      "nothing there; with a style other than native a line that begins with FAILED, unless JSON\n"
      "was to go there. Ctrl-C, as the time limit, makes the run fail.");
}

void AddVerifyOptions(VerifyCommandOptions* options, CLI::App* command) {
  constexpr int kMostJobs = 1024;
  AddRootOption(&options->root, command);
  command
      ->add_option("--level", options->level,
                   "How deep; each level includes the one before. index: the COMPONENTS hive\n"
                   "against the names in the folders (seconds). manifests: every manifest and\n"
                   "catalog against its hash, and that the payload is there. payload (default):\n"
                   "every payload file and its projection into the system against the hash in\n"
                   "its manifest; reads the whole store, minutes on a disk")
      ->type_name("index|manifests|payload");
  command
      ->add_option("--scope", options->scope,
                   "Which components. boot: the boot path and the servicing stack. lcu: these,\n"
                   "and what the current cumulative update brought. all (default). A long run\n"
                   "can be made in steps: boot, then lcu, then all; each answers for itself")
      ->type_name("boot|lcu|all");
  command
      ->add_option("--jobs", options->jobs,
                   "Threads; as many as the host runs at once if not given. The result is the\n"
                   "same for any number")
      ->type_name("N")
      ->check(CLI::Range(1, kMostJobs));
  command
      ->add_option("-o,--output", options->outputs,
                   "FORMAT or FORMAT=PATH; formats: text, json, one-line; may be repeated")
      ->type_name("FORMAT[=PATH]")
      ->allow_extra_args(false);
  command->add_flag("-q,--quiet", options->quiet, "No progress on standard error");
  command->footer(
      "Exit codes: 0 everything in scope was verified and nothing is damaged, 1 patchgate failed,\n"
      "2 damage found, 3 no damage found, but not everything in scope could be verified.\n"
      "Ctrl-C ends the run early: what was found until then is reported, with code 2 or 3.");
}

void AddVerifyPatchOptions(VerifyPatchOptions* options, CLI::App* command) {
  CLI::Option* root = AddRootOption(&options->evidence.root, command);
  command->add_option("--snapshot", options->evidence.snapshot, "Snapshot written by collect")
      ->excludes(root);
  AddEspOption(&options->evidence, command);
  command
      ->add_option("--target", options->target,
                   "The update that the host is to have: KB5072033, or a build with its revision,\n"
                   "26100.7462. Reached if this or a later update is on the disk")
      ->type_name("KB|BUILD");
  command
      ->add_option(
          "--updates", options->updates,
          "Descriptors of updates, written by import-update or by hand: which builds they\n"
          "bring, and which files. May be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      ->add_option("-o,--output", options->outputs,
                   "FORMAT or FORMAT=PATH; formats: text, json, one-line; may be repeated")
      ->type_name("FORMAT[=PATH]")
      ->allow_extra_args(false);
  command->footer(
      "Exit codes: 0 every claim that can be measured is confirmed, and the target is reached;\n"
      "1 patchgate failed; 2 a claim is contradicted, or the target is not reached; 3 nothing is\n"
      "contradicted, but UBR, or the target, could not be measured in full. A hotpatch changes no\n"
      "file and cannot be measured: its code is 3.");
}

void AddImportUpdateOptions(ImportUpdateOptions* options, CLI::App* command) {
  command->add_option("--kb", options->kb, "KB number of the update")->required()->type_name("KB");
  command
      ->add_option("--build", options->builds,
                   "Build and revision that it brings, 26100.7462; may be repeated")
      ->type_name("BUILD")
      ->allow_extra_args(false);
  command
      ->add_option("--kind", options->kind,
                   "Kind of update. Without: as patchgate or the .mum knows it, else cumulative")
      ->type_name("cumulative|out_of_band|preview|hotpatch|servicing_stack|other");
  command->add_option("--released", options->released, "Day of its release, 2025-12-09")
      ->type_name("DATE");
  command->add_option("--title", options->title, "Its name, for people");
  const auto files = [&](const char* flag, std::vector<std::string>* paths, const char* help) {
    command->add_option(flag, *paths, help)->type_name("FILE")->allow_extra_args(false);
  };
  files("--csv", &options->csv,
        "The vendor's list of files: file name, file version, size, date, SHA-256, in\n"
        "any order; may be repeated");
  files("--mum", &options->mum, "A package manifest of the update: its KB number and build");
  files("--manifest", &options->manifest,
        "A component manifest, decoded: its files with their hashes; may be repeated");
  command->add_option("-o,--output", options->output, "File to write")->required();
}

int Dispatch(const std::vector<std::string>& args, const Streams& streams, CheckTraits* traits) {
  CLI::App app("Is this Windows host in a state that can take the next cumulative update?",
               "patchgate");
  app.set_help_flag("-h,--help", "Show this help");
  app.require_subcommand(0, 1);  // Of two commands one would be left out unseen.
  // The same spellings everywhere: FailureContractOf knows no "/exit-style:msi".
  app.allow_windows_style_options(false);
  app.footer(
      "Exit codes: 0 GO (or success), 1 patchgate failed, 2 NO_GO (verify: damage; verify-patch: "
      "a\n"
      "claim is contradicted), 3 INDETERMINATE (not everything could be verified or measured).\n"
      "patchgate COMMAND --help says more about each command.");

  CheckOptions check;
  CLI::App* check_command =
      app.add_subcommand("check", "Judge the running Windows, a Windows volume or a snapshot");
  CLI::Option* root = AddRootOption(&check.evidence.root, check_command);
  check_command->add_option("--snapshot", check.evidence.snapshot, "Snapshot written by collect")
      ->excludes(root);
  AddEspOption(&check.evidence, check_command);
  check_command->add_option("--policy", check.policy, "Policy file: required evidence, waivers");
  check_command->add_option("--now", check.now,
                            "Judge as of this time, for waivers: 2025-12-16T18:00:00Z");
  check_command->add_option("--profile", check.profile, kProfileHelp)->type_name("quick|full");
  check_command
      ->add_option("-o,--output", check.outputs,
                   "FORMAT or FORMAT=PATH; formats: text, json, one-line; may be repeated")
      ->type_name("FORMAT[=PATH]")
      ->allow_extra_args(false);
  AddHowToEnd(&check, check_command);

  CollectCommandOptions collect;
  CLI::App* collect_command =
      app.add_subcommand("collect", "Write a snapshot of the running Windows or of a volume");
  AddRootOption(&collect.evidence.root, collect_command);
  AddEspOption(&collect.evidence, collect_command);
  collect_command->add_option("-o,--output", collect.output, "File to write")->required();
  AddTimeoutOption(&collect.timeout, collect_command);
  collect_command->add_option("--profile", collect.profile, kProfileHelp)->type_name("quick|full");

  VerifyCommandOptions verify;
  CLI::App* verify_command =
      app.add_subcommand("verify", "Verify the component store of a Windows volume");
  AddVerifyOptions(&verify, verify_command);

  VerifyPatchOptions verify_patch;
  CLI::App* verify_patch_command = app.add_subcommand(
      "verify-patch", "Hold claims about the patch level against the files on the disk");
  AddVerifyPatchOptions(&verify_patch, verify_patch_command);

  ImportUpdateOptions import_update;
  CLI::App* import_update_command = app.add_subcommand(
      "import-update", "Make an update descriptor of the vendor's list of files");
  AddImportUpdateOptions(&import_update, import_update_command);

  TimelineOptions timeline;
  CLI::App* timeline_command =
      app.add_subcommand("timeline", "Show updates, boots and servicing in the order of time");
  CLI::Option* timeline_root = AddRootOption(&timeline.root, timeline_command);
  timeline_command->add_option("--snapshot", timeline.snapshot, "Snapshot written by collect")
      ->excludes(timeline_root);
  timeline_command->add_option("-o,--output", timeline.format, "text or json")->type_name("FORMAT");

  InspectOptions inspect;
  CLI::App* inspect_command =
      app.add_subcommand("inspect", "Show as JSON what patchgate reads in one evidence file");
  inspect_command
      ->add_option("FILE", inspect.file,
                   "Hive, transaction log, event log, CBS.log (also as .cab), pending.xml,\n"
                   "Sessions.xml, poqexec.log, dism.log, ReportingEvents.log, component manifest,\n"
                   "program, driver or snapshot")
      ->required();
  CLI::Option* key = inspect_command->add_option(
      "KEY", inspect.key, "Key below the hive's root, parts separated by \\");
  bool no_replay = false;
  inspect_command->add_flag("--no-replay", no_replay,
                            "Read a dirty hive as stored, without its logs");
  inspect_command->add_option(
      "--base", inspect.base,
      "What a compressed manifest is a delta of: a base manifest, or a\n"
      "wcp.dll that carries it. Without: the wcp.dll of the newest servicing\n"
      "stack beside the manifest's folder");
  inspect_command->add_flag("--decode", inspect.decode,
                            "Print the XML of a manifest, and nothing else");

  std::string id;
  CLI::App* explain_command = app.add_subcommand("explain", "Explain a check or an error code");
  explain_command
      ->add_option("ID", id,
                   "Check, as in findings: cbs.sessions-pending; or error: 0x800f0922, "
                   "CBS_E_INSTALLERS_FAILED")
      ->required();

  CLI::App* list_command = app.add_subcommand("list", "List all checks");
  CLI::App* version_command = app.add_subcommand("version", "Show the version");

  // A script's unset variable must not pass for an option that was left out.
  for (CLI::App* command : app.get_subcommands({})) {
    for (CLI::Option* option : command->get_options()) {
      if (option->get_lnames().empty() || option->get_items_expected_max() == 0) continue;
      option->check([](const std::string& value) {
        return value.empty() ? "no value is given" : std::string();
      });
    }
  }

  // Extras are collected, so that the answer to a slip can name the nearest flag.
  app.allow_extras();
  for (CLI::App* command : app.get_subcommands({})) command->allow_extras();

  try {
    std::vector<std::string> reversed(args.rbegin(), args.rend());  // As CLI11 wants them.
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    const auto parsed = app.get_subcommands();
    streams.out << (parsed.empty() ? app.help() : parsed.front()->help("patchgate"));
    // `check --root DIR -host X` asks for help too, and nobody may take its code for GO.
    const bool alone = args.size() <= 2 && (args.back() == "-h" || args.back() == "--help");
    return alone ? kOk : Fail(streams, "help was asked for, so nothing else was done");
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
    if (first == "--version" && args.size() == 1) return Version(streams);
    return Fail(streams, absl::StartsWith(first, "-")
                             ? Unexpected(first, app)
                             : absl::StrCat("unknown command ", first,
                                            DidYouMean(first, CommandNames(app))));
  }

  if (check_command->parsed()) return Check(check, streams, traits);
  if (collect_command->parsed()) return Collect(collect, streams);
  if (verify_command->parsed()) return Verify(verify, streams);
  if (verify_patch_command->parsed()) return VerifyPatch(verify_patch, streams);
  if (import_update_command->parsed()) return ImportUpdate(import_update, streams);
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

int EndFailedRun(const std::vector<std::string>& args, const std::string& message,
                 const Streams& streams) {
  const FailureContract contract = FailureContractOf(args);
  if (contract.line_on_stdout) streams.out << FailedLine(message) << std::flush;
  if (contract.event && streams.write_event) {
    const absl::Status status = streams.write_event(FailureEvent(message));
    if (!status.ok()) Fail(streams, std::string(status.message()));
  }
  return contract.exit_code;
}

int Run(const std::vector<std::string>& args, const Streams& streams) {
  std::string message = "no command was given";
  Streams inner = streams;
  inner.failure = &message;
  CheckTraits traits;
  int code = Dispatch(args, inner, &traits);
  streams.out.flush();
  if (code != kFailed && !streams.out) {
    code = Fail(inner, "the result could not be written to standard output");
  }
  if (code == kFailed) return EndFailedRun(args, message, streams);
  RunResult result;
  result.kind = code == kGo     ? RunResult::kGo
                : code == kNoGo ? RunResult::kNoGo
                                : RunResult::kIndeterminate;
  result.busy = traits.busy;
  result.warned = traits.warned;
  return ExitCodeFor(traits.style, result);
}

}  // namespace patchgate::cli
