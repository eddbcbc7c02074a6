#!/usr/bin/env bash
# Requests per second of the mock server, beside a bare hyper server in the same run.
#
#   bench/mock.sh [SECONDS]
#
# wrk drives each server with 2 threads and 64 connections, in turn, three times; medians and their ratio to bare hyper
# are printed. The mock records every exchange. Needs wrk (apt-get install wrk).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
seconds=${1:-5}
command -v wrk >/dev/null || { echo "bench/mock.sh needs wrk: apt-get install wrk" >&2; exit 2; }
cargo build --release --locked --quiet --manifest-path "$root/Cargo.toml" -p styk-mock --examples

names=(bare_hyper one thousand patterns)
commands=("bare_hyper" "static_answer 1" "static_answer 1000" "static_answer 1000 pattern")
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT

# Starts a server, drives it, and prints requests per second and the peak memory in MB.
drive() {
  : >"$folder/port"
  # shellcheck disable=SC2086
  "$target"/release/examples/$1 >"$folder/port" &
  server=$!
  until [ -s "$folder/port" ]; do sleep 0.05; done
  local rate memory
  rate=$(wrk -t2 -c64 -d"${seconds}s" "http://127.0.0.1:$(cat "$folder/port")/api/v1/payments/last" |
    awk '/Requests\/sec/ { print $2 } /Non-2xx/ { exit 1 }')
  memory=$(awk '/VmHWM/ { printf "%.0f", $2 / 1024 }' "/proc/$server/status")
  kill "$server"; wait "$server" 2>/dev/null || true; server=
  echo "$rate $memory"
}

for round in 1 2 3; do
  for place in "${!names[@]}"; do
    drive "${commands[$place]}" >>"$folder/${names[$place]}"
  done
done

median() { sort -n "$folder/$1" | sed -n 2p; }
read -r bare _ <<<"$(median bare_hyper)"
printf '%-34s %14s %10s %12s\n' server requests/s "of bare" "peak MB"
labels=("bare hyper" "mock, 1 expectation" "mock, 1,000 expectations" "mock, 1,000 patterns")
for place in "${!names[@]}"; do
  read -r rate memory <<<"$(median "${names[$place]}")"
  printf '%-34s %14.0f %10.2f %12s\n' "${labels[$place]}" "$rate" "$(awk "BEGIN { print $rate / $bare }")" "$memory"
done
