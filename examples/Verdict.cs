// The verdict on one Windows volume, through the C library: Verdict.exe DIRECTORY
// patchgate.dll, or libpatchgate.so, is where the system looks for libraries. Ends with 0 for GO,
// 2 for NO_GO, 3 for INDETERMINATE, 1 if nothing was judged. Go on with 0 and with nothing else.
using System;
using System.Runtime.InteropServices;
using System.Text;

static class Verdict {
  const int Ok = 0;
  const int Go = 1000, NoGo = 1002;
  const int Unknown = 5, Block = 6;

  [StructLayout(LayoutKind.Sequential)]
  struct Options {
    public UIntPtr Size;
    public IntPtr Esp;
    public UIntPtr EspSize;
    public IntPtr Policy;
    public UIntPtr PolicySize;
    public ulong Now;
    public uint Profile;
    public uint Jobs;
    public ulong TimeLimitMs;
    public IntPtr Cancellation;
  }

  [StructLayout(LayoutKind.Sequential)]
  struct Text {
    public IntPtr Data;
    public UIntPtr Size;

    public override string ToString() {
      var bytes = new byte[(int)Size];
      Marshal.Copy(Data, bytes, 0, bytes.Length);
      return Encoding.UTF8.GetString(bytes);
    }
  }

  [StructLayout(LayoutKind.Sequential)]
  struct Finding {
    public UIntPtr Size;
    public int Result;
    public int Waived;
    public Text Check;
    public Text Name;
    public Text Summary;
    public Text Resolution;
    public Text Actor;
    public UIntPtr EvidenceCount;
  }

  [DllImport("patchgate", CallingConvention = CallingConvention.Cdecl)]
  static extern int patchgate_options_init(out Options options, UIntPtr size);
  [DllImport("patchgate", CallingConvention = CallingConvention.Cdecl)]
  static extern int patchgate_evaluate_directory(byte[] root, UIntPtr rootSize, ref Options options,
                                                 out IntPtr verdict, byte[] errorText,
                                                 UIntPtr errorSize);
  [DllImport("patchgate", CallingConvention = CallingConvention.Cdecl)]
  static extern int patchgate_verdict_outcome(IntPtr verdict);
  [DllImport("patchgate", CallingConvention = CallingConvention.Cdecl)]
  static extern UIntPtr patchgate_finding_count(IntPtr verdict);
  [DllImport("patchgate", CallingConvention = CallingConvention.Cdecl)]
  static extern int patchgate_finding_get(IntPtr verdict, UIntPtr index, ref Finding finding);
  [DllImport("patchgate", CallingConvention = CallingConvention.Cdecl)]
  static extern void patchgate_verdict_free(IntPtr verdict);

  static UIntPtr SizeOf<T>() {
    return (UIntPtr)Marshal.SizeOf(typeof(T));
  }

  static void PrintReasons(IntPtr verdict) {
    ulong count = (ulong)patchgate_finding_count(verdict);
    for (ulong i = 0; i < count; ++i) {
      var finding = new Finding { Size = SizeOf<Finding>() };
      if (patchgate_finding_get(verdict, (UIntPtr)i, ref finding) != Ok) return;
      if (finding.Waived != 0 || finding.Result < Unknown) continue;
      Console.WriteLine("{0} {1}: {2}", finding.Result == Block ? "BLOCK" : "UNKNOWN",
                        finding.Check, finding.Name);
    }
  }

  static int Judge(string directory) {
    Options options;
    if (patchgate_options_init(out options, SizeOf<Options>()) != Ok) return 1;
    options.TimeLimitMs = 5 * 60 * 1000;
    byte[] root = Encoding.UTF8.GetBytes(directory);
    var why = new byte[1024];
    IntPtr verdict;
    if (patchgate_evaluate_directory(root, (UIntPtr)root.Length, ref options, out verdict, why,
                                     (UIntPtr)why.Length) != Ok) {
      Console.Error.WriteLine("not judged: {0}",
                              Encoding.UTF8.GetString(why, 0, Array.IndexOf(why, (byte)0)));
      return 1;
    }
    try {
      PrintReasons(verdict);
      int outcome = patchgate_verdict_outcome(verdict);
      Console.WriteLine(outcome == Go ? "GO" : outcome == NoGo ? "NO_GO" : "INDETERMINATE");
      return outcome == Go ? 0 : outcome == NoGo ? 2 : 3;
    } finally {
      patchgate_verdict_free(verdict);
    }
  }

  static int Main(string[] arguments) {
    if (arguments.Length != 1) {
      Console.Error.WriteLine("usage: Verdict.exe DIRECTORY");
      return 1;
    }
    try {
      return Judge(arguments[0]);
    } catch (Exception error) {  // No library, or another one.
      Console.Error.WriteLine("not judged: {0}", error.Message);
      return 1;
    }
  }
}
