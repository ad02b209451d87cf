#include "servicing/boot/driver_path.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace patchgate::boot {
namespace {

struct PathCase {
  const char* name;
  std::string image_path;
  std::string path;          // Expected; empty where there is a problem.
  const char* problem = "";  // A part of it.
  char drive = 'C';
};

constexpr char kDisk[] = "Windows/System32/drivers/disk.sys";

std::string Folders(int count) {
  std::string folders;
  for (int i = 0; i < count; ++i) folders += "a\\";
  return folders;
}

std::string Slashes(std::string path) {
  std::replace(path.begin(), path.end(), '\\', '/');
  return path;
}

TEST(DriverPath, Cases) {
  const PathCase kCases[] = {
      // Below the Windows folder.
      {"as Windows writes it", R"(System32\drivers\disk.sys)", kDisk},
      {"another case", R"(system32\DRIVERS\disk.sys)", kDisk},
      {"the file's case is kept", R"(System32\Drivers\ADP80XX.SYS)",
       "Windows/System32/drivers/ADP80XX.SYS"},
      {"in a folder of drivers", R"(system32\drivers\wd\WdFilter.sys)",
       "Windows/System32/drivers/wd/WdFilter.sys"},
      {"object path", R"(\SystemRoot\System32\drivers\disk.sys)", kDisk},
      {"object path in another case", R"(\systemroot\system32\drivers\disk.sys)", kDisk},
      {"driver store",
       R"(\SystemRoot\System32\DriverStore\FileRepository\iastorvd.inf_amd64_1\iaStorVD.sys)",
       "Windows/System32/DriverStore/FileRepository/iastorvd.inf_amd64_1/iaStorVD.sys"},
      {"variable", R"(%SystemRoot%\System32\drivers\disk.sys)", kDisk},
      {"other variable", R"(%WINDIR%\System32\drivers\disk.sys)", kDisk},
      {"the drive's variable", R"(%SystemDrive%\Windows\System32\drivers\disk.sys)", kDisk},
      {"file in the Windows folder", "x.sys", "Windows/x.sys"},
      // On a drive.
      {"drive", R"(C:\Windows\System32\drivers\disk.sys)", kDisk},
      {"NT path", R"(\??\C:\WINDOWS\system32\drivers\disk.sys)", kDisk},
      {"DosDevices", R"(\DosDevices\c:\Windows\System32\drivers\disk.sys)", kDisk},
      {"GLOBAL??", R"(\GLOBAL??\C:\Windows\System32\drivers\disk.sys)", kDisk},
      {"Win32 prefix", R"(\\?\C:\Windows\System32\drivers\disk.sys)", kDisk},
      {"outside Windows", R"(\??\C:\ProgramData\Contoso\{1-2}\x.sys)",
       "ProgramData/Contoso/{1-2}/x.sys"},
      {"Windows is on another drive", R"(\??\D:\Windows\System32\drivers\disk.sys)", kDisk, "",
       'D'},
      {"another drive", R"(D:\drivers\x.sys)", "", "on drive D:, and Windows is on C:"},
      {"another drive, NT path", R"(\??\e:\x.sys)", "", "on drive E:"},
      {"C: is another drive", R"(C:\x.sys)", "", "on drive C:, and Windows is on D:", 'D'},
      {"relative to a drive", R"(C:x.sys)", "", "no full path"},
      {"only a drive", "C:", "", "no full path"},
      {"only its root", R"(C:\)", "", "names no file"},
      // What is not the path's.
      {"none", "", kDisk},
      {"blank", " \t ", kDisk},
      {"a NUL and more", std::string("System32\\drivers\\disk.sys\0x\0\0", 29), kDisk},
      {"only NULs", std::string(4, '\0'), kDisk},
      {"blanks around", "  System32\\drivers\\disk.sys \r\n", kDisk},
      {"quotes", R"("C:\Windows\System32\drivers\disk.sys")", kDisk},
      {"quotes and arguments", R"("C:\Windows\System32\drivers\disk.sys" -k x)", kDisk},
      {"one quote", R"("System32\drivers\disk.sys)", kDisk},
      {"slashes", "System32/drivers/disk.sys", kDisk},
      {"doubled", R"(System32\\drivers\\\disk.sys)", kDisk},
      {"dots", R"(System32\.\drivers\disk.sys)", kDisk},
      {"name with blanks and dots", R"(System32\drivers\a b..c.sys)",
       "Windows/System32/drivers/a b..c.sys"},
      {"not ASCII", "System32\\drivers\\\xC3\xA9.sys", "Windows/System32/drivers/\xC3\xA9.sys"},
      {"one percent sign", R"(System32\drivers\100%.sys)", "Windows/System32/drivers/100%.sys"},
      // Elsewhere.
      {"device", R"(\Device\HarddiskVolume2\Windows\x.sys)", "", "only a running Windows knows"},
      {"volume", R"(\??\Volume{1-2}\x.sys)", "", "only a running Windows knows"},
      {"no known object", R"(\Windows\System32\drivers\disk.sys)", "",
       "only a running Windows knows"},
      {"another host", R"(\\server\share\x.sys)", "", "on another host"},
      {"another host, NT path", R"(\??\UNC\server\share\x.sys)", "", "on another host"},
      {"unknown variable", R"(%ProgramFiles%\x.sys)", "", "environment variable"},
      {"unknown variable inside", R"(System32\%x%\y.sys)", "", "environment variable"},
      {"variable without more", "%SystemRoot%", "", "environment variable"},
      {"prefix of a variable", R"(%SystemRootX%\x.sys)", "", "environment variable"},
      // Hostile.
      {"parent folder", R"(..\x.sys)", "", "parent folder"},
      {"parent folder inside", R"(\SystemRoot\System32\..\..\..\x.sys)", "", "parent folder"},
      {"parent folder on a drive", R"(C:\..\x.sys)", "", "parent folder"},
      {"parent folder with slashes", "C:/Windows/../../x.sys", "", "parent folder"},
      {"parent folder at the end", R"(System32\..)", "", "parent folder"},
      {"stream", R"(System32\drivers\x.sys:y)", "", "no name of a file"},
      {"drive behind a drive", R"(C:\D:\x.sys)", "", "no name of a file"},
      {"drive behind an object", R"(\SystemRoot\C:\x.sys)", "", "no name of a file"},
      {"wildcard", R"(System32\drivers\*.sys)", "", "no name of a file"},
      {"control character", "System32\\drivers\\x\x01.sys", "", "no name of a file"},
      {"folder", R"(System32\drivers\)", "", "names no file"},
      {"only the prefix", R"(\SystemRoot\)", "", "names no file"},
      {"only a backslash", R"(\)", "", "only a running Windows knows"},
      {"only dots", R"(\SystemRoot\.\.)", "", "names no file"},
      {"32 parts", absl::StrCat("C:\\", Folders(31), "x.sys"), Slashes(Folders(31) + "x.sys")},
      {"33 parts", absl::StrCat("C:\\", Folders(32), "x.sys"), "", "more than 31 folders"},
      {"quadratic", absl::StrCat("C:\\", Folders(16'000), "x.sys"), "", "more than 31 folders"},
      {"long", absl::StrCat("System32\\", std::string(40'000, 'a')), "", "longer than any path"},
  };
  for (const PathCase& c : kCases) {
    SCOPED_TRACE(c.name);
    const DriverPath resolved = ResolveDriverPath("disk", c.image_path, c.drive);
    EXPECT_EQ(resolved.path, c.path);
    EXPECT_TRUE(absl::StrContains(resolved.problem, c.problem)) << resolved.problem;
    EXPECT_NE(resolved.path.empty(), resolved.problem.empty());
    EXPECT_LT(resolved.problem.size(), 200u);
  }
}

TEST(DriverPath, ServicesWithoutAPath) {
  EXPECT_EQ(ResolveDriverPath("Fs_Rec", "", 'C').path, "Windows/System32/drivers/Fs_Rec.sys");
  for (const char* service : {"", "a/b", "..\\x", "x:y", "a\nb"}) {
    SCOPED_TRACE(service);
    const DriverPath resolved = ResolveDriverPath(service, "", 'C');
    EXPECT_EQ(resolved.path, "");
    EXPECT_NE(resolved.problem, "");
  }
}

}  // namespace
}  // namespace patchgate::boot
