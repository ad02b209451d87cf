"""cc_fuzz_test: one fuzz target, two uses."""

def cc_fuzz_test(name, srcs, deps, corpus = None, **kwargs):
    """A file that defines LLVMFuzzerTestOneInput.

    `bazel test` feeds it the empty input and every file of its corpus, on every platform. `bazel run --config=fuzz
    //path:name -- FOLDER` searches for new inputs with libFuzzer and AddressSanitizer.

    Args:
      name: name of the test, foo_fuzz.
      srcs: the fuzz target, foo_fuzz.cc.
      deps: what it calls.
      corpus: files to replay; crashes that were fixed stay here.
      **kwargs: further attributes of cc_test.
    """
    corpus = corpus or []
    native.cc_test(
        name = name,
        srcs = srcs,
        args = select({
            "//tools:fuzz_mode": [],
            "//conditions:default": ["$(locations %s)" % label for label in corpus],
        }),
        data = corpus,
        linkopts = select({
            "//tools:fuzz_mode": ["-fsanitize=fuzzer"],
            "//conditions:default": [],
        }),
        deps = deps + select({
            "//tools:fuzz_mode": [],
            "//conditions:default": ["//tools/fuzz:replay_main"],
        }),
        **kwargs
    )
