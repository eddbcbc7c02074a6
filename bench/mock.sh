#!/usr/bin/env bash
# Requests per second of the mock server, beside a bare hyper server in the same run.
#
#   bench/mock.sh [SECONDS]
#
# wrk drives each server with 2 threads and 64 connections, in turn, three times; medians and their ratio to bare hyper
# are printed, with the CPU time a request costs the server (which other load on the machine does not blur) and its peak
# memory. The mock records every exchange. Needs wrk (apt-get install wrk).
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

# Starts a server, drives it, and prints requests per second, CPU microseconds per request and peak memory in MB.
drive() {
  : >"$folder/port"
  # shellcheck disable=SC2086
  "$target"/release/examples/$1 >"$folder/port" &
  server=$!
  until [ -s "$folder/port" ]; do sleep 0.05; done
  wrk -t2 -c64 -d"${seconds}s" "http://127.0.0.1:$(cat "$folder/port")/api/v1/payments/last" >"$folder/wrk"
  local rate requests ticks cpu memory
  rate=$(awk '/Requests\/sec/ { print $2 } /Non-2xx/ { exit 1 }' "$folder/wrk")
  requests=$(awk '/requests in/ { print $1 }' "$folder/wrk")
  ticks=$(awk '{ print $14 + $15 }' "/proc/$server/stat")
  cpu=$(awk "BEGIN { print $ticks * 1000000 / $(getconf CLK_TCK) / $requests }")
  memory=$(awk '/VmHWM/ { printf "%.0f", $2 / 1024 }' "/proc/$server/status")
  kill "$server"; wait "$server" 2>/dev/null || true; server=
  echo "$rate $cpu $memory"
}

for round in 1 2 3; do
  for place in "${!names[@]}"; do
    drive "${commands[$place]}" >>"$folder/${names[$place]}"
  done
done

median() { sort -n "$folder/$1" | sed -n 2p; }
read -r bare _ <<<"$(median bare_hyper)"
printf '%-28s %12s %9s %16s %9s\n' server requests/s "of bare" "CPU us/request" "peak MB"
labels=("bare hyper" "mock, 1 expectation" "mock, 1,000 expectations" "mock, 1,000 patterns")
for place in "${!names[@]}"; do
  read -r rate cpu memory <<<"$(median "${names[$place]}")"
  printf '%-28s %12.0f %9.2f %16.1f %9s\n' "${labels[$place]}" "$rate" "$(awk "BEGIN { print $rate / $bare }")" "$cpu" "$memory"
done
