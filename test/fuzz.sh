#!/usr/bin/env bash
# make fuzz: random bytes as stored states of every type that src/core reads.
#
#   test/fuzz.sh [seconds]      60 unless told
#
# KEEP=1   adds to test/core/corpus what reaches code that no file of it does
#
# libFuzzer starts from the corpus and changes it at random.  An input that
# breaks something stays in test/core/build; once that is mended, it moves to
# the corpus, which make -C test/core check replays without a fuzzer.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/test/lib.sh"
seconds=${1:-60}
core=$here/test/core

make_work
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# The major version of clang that there is, or that the distribution has.
clang_version() {
	if command -v clang >/dev/null; then
		clang -dumpversion | cut -d. -f1
	else
		apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p' | head -n 1
	fi
}

# Can programs be built with libFuzzer?
has_fuzzer() {
	printf '%s\n' '#include <stdint.h>' '#include <stddef.h>' \
		'int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) { return 0; }' >"$work/empty.c"
	clang -fsanitize=fuzzer,address,undefined -o "$work/empty" "$work/empty.c" >"$work/clang.log" 2>&1
}

if ! has_fuzzer; then
	version=$(clang_version)
	[ -n "$version" ] || { as_root apt-get -qq update && version=$(clang_version); } || true
	install_packages $(command -v clang >/dev/null || echo clang) libc6-dev "libclang-rt-${version:-VERSION}-dev"
	has_fuzzer || { cat "$work/clang.log" >&2; die "clang cannot build a fuzz target."; }
fi

say "Building ..."
make -C "$core" -s fuzz_state
mkdir "$work/found"
"$core/build/fuzz_state" -max_total_time="$seconds" -timeout=10 -max_len=20000 -use_value_profile=1 \
	-print_final_stats=1 -artifact_prefix="$core/build/" "$work/found" "$core/corpus" 2>"$work/fuzz.log" ||
	{ grep -v -e '	NEW ' -e '	REDUCE ' -e '	RELOAD ' "$work/fuzz.log" >&2
		die "The input that did this is in $core/build, under the name that Test unit written to says."; }
[ -z "${KEEP:-}" ] || "$core/build/fuzz_state" -merge=1 -use_counters=0 "$core/corpus" "$work/found" 2>/dev/null
awk -F': *' '/^stat::number_of_executed_units/ { runs = $NF } /^stat::new_units_added/ { found = $NF }
	END { printf "%d inputs, %d of them reached something new, nothing broke\n", runs, found }' "$work/fuzz.log"
