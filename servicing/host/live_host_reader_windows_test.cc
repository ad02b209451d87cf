#include <windows.h>

#include <string>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "servicing/base/filetime.h"
#include "servicing/host/live_host_reader.h"

namespace patchgate::host {
namespace {

// "process TiWorker.exe is running; …"
std::string Activities(const LiveHost& facts) {
  std::string text;
  for (const LiveActivity& activity : facts.activities()) {
    text += text.empty() ? "" : "; ";
    text += activity.where() + " " + activity.what();
  }
  return text;
}

// A copy of this program under another name that never gets to run.
class IdleProcess {
 public:
  explicit IdleProcess(const wchar_t* name) {
    wchar_t self[MAX_PATH], folder[MAX_PATH];
    GetModuleFileNameW(nullptr, self, MAX_PATH);
    GetTempPathW(MAX_PATH, folder);
    path_ = std::wstring(folder) + name;
    EXPECT_TRUE(CopyFileW(self, path_.c_str(), FALSE)) << GetLastError();
    STARTUPINFOW startup = {};
    startup.cb = sizeof(startup);
    EXPECT_TRUE(CreateProcessW(path_.c_str(), nullptr, nullptr, nullptr, FALSE, CREATE_SUSPENDED,
                               nullptr, nullptr, &startup, &process_))
        << GetLastError();
  }
  ~IdleProcess() {
    TerminateProcess(process_.hProcess, 0);
    WaitForSingleObject(process_.hProcess, INFINITE);
    CloseHandle(process_.hThread);
    CloseHandle(process_.hProcess);
    DeleteFileW(path_.c_str());
  }

 private:
  std::wstring path_;
  PROCESS_INFORMATION process_ = {};
};

TEST(ReadLiveHost, AnIdleHost) {
  const LiveHost facts = ReadLiveHost();
  EXPECT_EQ(facts.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(facts.collection().gaps_size(), 0) << facts.DebugString();
  EXPECT_EQ(Activities(facts), "");
  EXPECT_FALSE(facts.started_by_32_bit());
}

TEST(ReadLiveHost, BootTime) {
  constexpr FileTime kStep = 10 * kFileTimeTicksPerSecond;
  const FileTime boot = ReadLiveHost().boot_filetime(), now = FromAbslTime(absl::Now());
  EXPECT_GT(boot, 0u);
  EXPECT_LT(boot, now + kStep);
  EXPECT_EQ(boot % kStep, 0u);
  const FileTime again = ReadLiveHost().boot_filetime();
  EXPECT_LE(boot > again ? boot - again : again - boot, kStep);
}

TEST(ReadLiveHost, WindowsInstaller) {
  HANDLE mutex = CreateMutexW(nullptr, TRUE, L"Global\\_MSIExecute");
  ASSERT_NE(mutex, nullptr);
  const LiveHost facts = ReadLiveHost();
  CloseHandle(mutex);
  ASSERT_EQ(Activities(facts), "mutex Global\\_MSIExecute is held");
  EXPECT_EQ(facts.activities(0).kind(), LiveActivity::INSTALLER);
  EXPECT_EQ(Activities(ReadLiveHost()), "");
}

TEST(ReadLiveHost, AWorkerWhateverItsCase) {
  for (const wchar_t* name : {L"TiWorker.exe", L"TIWORKER.EXE"}) {
    const IdleProcess worker(name), second(L"NotTiWorker.exe");
    const LiveHost facts = ReadLiveHost();
    ASSERT_EQ(Activities(facts), "process TiWorker.exe is running");
    EXPECT_EQ(facts.activities(0).kind(), LiveActivity::SERVICING);
  }
  EXPECT_EQ(Activities(ReadLiveHost()), "");
}

// A stopped service is not at work, nor is one of another name.
TEST(ReadLiveHost, AServiceThatDoesNotRun) {
  SC_HANDLE manager = OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CREATE_SERVICE);
  ASSERT_NE(manager, nullptr) << GetLastError();
  SC_HANDLE service = CreateServiceW(
      manager, L"TrustedInstaller", nullptr, SERVICE_QUERY_STATUS | DELETE,
      SERVICE_WIN32_OWN_PROCESS, SERVICE_DEMAND_START, SERVICE_ERROR_NORMAL,
      L"C:\\windows\\servicing\\TrustedInstaller.exe", nullptr, nullptr, nullptr, nullptr, nullptr);
  ASSERT_NE(service, nullptr) << GetLastError();
  const LiveHost facts = ReadLiveHost();
  EXPECT_TRUE(DeleteService(service));
  CloseServiceHandle(service);
  CloseServiceHandle(manager);
  EXPECT_EQ(Activities(facts), "");
  EXPECT_EQ(facts.collection().gaps_size(), 0) << facts.DebugString();
}

}  // namespace
}  // namespace patchgate::host
