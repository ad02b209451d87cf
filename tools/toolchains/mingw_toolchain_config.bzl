"""The MinGW-w64 cross compiler as a Bazel C++ toolchain."""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "ACTION_NAMES")
load(
    "@bazel_tools//tools/cpp:cc_toolchain_config_lib.bzl",
    "artifact_name_pattern",
    "feature",
    "flag_group",
    "flag_set",
    "tool_path",
    "with_feature_set",
)

_COMPILE = [
    ACTION_NAMES.assemble,
    ACTION_NAMES.preprocess_assemble,
    ACTION_NAMES.c_compile,
    ACTION_NAMES.cpp_compile,
    ACTION_NAMES.cpp_header_parsing,
]

_LINK = [
    ACTION_NAMES.cpp_link_executable,
    ACTION_NAMES.cpp_link_dynamic_library,
    ACTION_NAMES.cpp_link_nodeps_dynamic_library,
]

_COMPILE_FLAGS = [
    # Windows 10 and later; wide-character API; no macros where C++ has names.
    "-D_WIN32_WINNT=0x0A00",
    "-DUNICODE",
    "-D_UNICODE",
    "-DNOMINMAX",
    "-DWIN32_LEAN_AND_MEAN",
    # C99 printf formats rather than those of the old C runtime.
    "-D__USE_MINGW_ANSI_STDIO=1",
    # Large tables of templates need more sections than the default object format has.
    "-Wa,-mbig-obj",
    # Same output wherever it is built.
    "-Wno-builtin-macro-redefined",
    "-D__DATE__=\"redacted\"",
    "-D__TIME__=\"redacted\"",
    "-D__TIMESTAMP__=\"redacted\"",
]

# Last on the command line: static libraries above them are resolved from these.
_LIBRARIES = [
    "-lstdc++",
    "-lbcrypt",
    "-ldbghelp",
]

def _flags(actions, flags, mode = None):
    return flag_set(
        actions = actions,
        flag_groups = [flag_group(flags = flags)],
        with_features = [with_feature_set(features = [mode])] if mode else [],
    )

def _impl(ctx):
    features = [
        feature(name = "targets_windows", enabled = True),
        feature(name = "dbg"),
        feature(name = "fastbuild"),
        feature(name = "opt"),
        feature(
            name = "default_compile_flags",
            enabled = True,
            flag_sets = [
                _flags(_COMPILE, _COMPILE_FLAGS),
                _flags(_COMPILE, ["-g"], mode = "dbg"),
                _flags(_COMPILE, ["-O2", "-DNDEBUG", "-ffunction-sections", "-fdata-sections"], mode = "opt"),
            ],
        ),
        feature(
            name = "default_link_flags",
            enabled = True,
            flag_sets = [
                # The program needs nothing but Windows itself.
                _flags(_LINK, ["-static"] + _LIBRARIES),
                _flags(_LINK, ["-Wl,--gc-sections", "-s"], mode = "opt"),
            ],
        ),
    ]
    prefix = "/usr/bin/x86_64-w64-mingw32-"
    tools = {
        "ar": "ar",
        "cpp": "cpp-posix",
        "gcc": "gcc-posix",
        "gcov": "gcov-posix",
        "ld": "ld",
        "nm": "nm",
        "objcopy": "objcopy",
        "objdump": "objdump",
        "strip": "strip",
    }
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        features = features,
        artifact_name_patterns = [
            artifact_name_pattern(category_name = "executable", prefix = "", extension = ".exe"),
            artifact_name_pattern(category_name = "dynamic_library", prefix = "", extension = ".dll"),
        ],
        cxx_builtin_include_directories = [
            "/usr/lib/gcc/x86_64-w64-mingw32",
            "/usr/x86_64-w64-mingw32/include",
            "/usr/share/mingw-w64/include",
        ],
        toolchain_identifier = "mingw",
        host_system_name = "local",
        target_system_name = "x86_64-w64-mingw32",
        target_cpu = "x64_windows",
        target_libc = "mingw",
        compiler = "mingw-gcc",
        abi_version = "mingw",
        abi_libc_version = "mingw",
        tool_paths = [tool_path(name = name, path = prefix + program) for name, program in tools.items()],
    )

mingw_toolchain_config = rule(
    implementation = _impl,
    provides = [CcToolchainConfigInfo],
)
