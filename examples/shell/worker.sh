#!/usr/bin/env bash
# A worker that counts the words of a folder's files, or computes their SHA-256.
#
#     LAZYBOSS_URL=http://127.0.0.1:8080 examples/shell/worker.sh [NAME]
#
# It needs bash, curl 7.71 or newer and jq. JSON is read and written by jq because a file's name may hold quotes,
# backslashes and line breaks, and a shell that puts JSON together by hand is wrong about one of them sooner or later.
# (examples/original-protocol.sh shows how far one gets without it.)
set -u
export LC_ALL=C # sort by bytes, and let white space of ASCII separate words

url=${LAZYBOSS_URL:-http://127.0.0.1:8080}
name=${1:-shell-$(hostname)-$$}
json=(--header 'Content-Type: application/json')
work=$(mktemp -d) # the server's answer, the job, the progress to be sent, the outcome
trap 'rm -rf "$work"' EXIT

# Told to stop: the job under way is finished, no other is taken. A poll under way is given up, which is safe: the
# server keeps the job for somebody else when the asker is gone. The shell that can be told only ever waits, without a
# single $(...): bash 5.2 stumbles over a trapped signal that comes while it reads one.
leaving='' poll=''
trap 'leaving=yes; [ -z "$poll" ] || kill "$poll" 2>/dev/null' TERM INT

# wait_for PID: a signal ends the shell's own wait early.
wait_for() {
  while kill -0 "$1" 2>/dev/null; do wait "$1"; done
}

say() { echo "$name: $*" >&2; }

# call METHOD PATH [CURL OPTION ...]: prints the status; the body is in $work/answer. curl tries for ever while the
# server is away or answers 503, and when an answer got lost: all that a worker says may be said twice. It takes the
# place of the shell that calls it, which is always a subshell, so that killing that is killing curl.
call() {
  local method=$1 path=$2
  shift 2
  exec curl --silent --show-error --request "$method" --header "Authorization: Bearer $name" \
    --retry 1000000 --retry-delay 1 --retry-all-errors \
    --output "$work/answer" --write-out '%{http_code}' "$@" "$url$path"
}

# Waits for a job; it is then in $work/job.
claim() {
  local status=''
  call POST '/jobs/attempt?wait=20s' "${json[@]}" --data '{"types": ["word-count", "checksum"]}' >"$work/status" &
  poll=$!
  [ -z "$leaving" ] || kill "$poll" # told while the poll began
  wait_for "$poll"
  poll=''
  read -r status <"$work/status" # which ends without a line break
  case $status in
    201) mv "$work/answer" "$work/job" ;;
    204) return 1 ;; # nothing to do for the moment
    *)
      [ -n "$leaving" ] || { echo "$name: no job:" && cat "$work/answer" && sleep 1; } >&2
      return 1
      ;;
  esac
}

# event NAME TEXT: adds an event to what will be sent. Every event of an attempt has a number, from 1.
event() {
  local text=${2//$'\r'/$'\n'}
  last_id=$((last_id + 1))
  printf 'id: %d\nevent: %s\ndata: %s\n\n' "$last_id" "$1" "${text//$'\n'/$'\n'data: }" >>"$work/progress"
}

# Sends the events until they are acknowledged. Fails when there is no use in going on.
send_progress() {
  local status answer
  while :; do
    status=$(call PUT "$attempt/progress" --header 'Content-Type: text/event-stream' --data-binary "@$work/progress")
    answer=$(<"$work/answer")
    case $status:$answer in
      202:*'event: cancel'*) cancelled=yes && return 1 ;;
      202:*"id: $last_id"$'\n''event: seen'*) break ;;
      202:*'event: error'* | [!2]*) say "gave up $attempt: $answer"; gave_up=yes && return 1 ;;
    esac
    sleep 1 # the server stopped in the middle of its answer
  done
  : >"$work/progress"
}

# Renews the lease while a big file takes its time: thrice as often as need be, and no longer than the worker lives.
keep_alive() {
  local pause
  pause=$(jq '.lease | capture("(?<number>[0-9]+)(?<unit>[a-z]+)")
    | (.number | tonumber) * {ms: 0.001, s: 1, m: 60, h: 3600, d: 86400}[.unit] / 3' "$work/job")
  trap 'kill $!; exit' TERM
  while sleep "$pause" & wait $! && kill -0 $$; do
    curl --silent --max-time 5 --request PUT --header "Authorization: Bearer $name" "$url$attempt/heartbeat"
  done
}

# Each word on a line of its own, after an empty one.
count_words() { echo $(($({ echo; cat; echo; } | tr -s '[:space:]' '\n' | wc -l) - 1)); }
command -v sha256sum >/dev/null || sha256sum() { shasum -a 256; } # as macOS calls it
checksum() { sha256sum | cut -d ' ' -f 1; }

fail() { # MESSAGE: this job will never do
  jq -n --arg message "$1" '{message: $message, retryable: false}' >"$work/outcome"
  outcome=error
}

# Does the job in $work/job; what comes of it is in $work/outcome.
do_job() {
  local type folder figures is_resumed total=0 number=0 file figure
  type=$(jq -r .type "$work/job")
  folder=$(jq -r '.parameters.folder? // ""' "$work/job")
  [ -n "$folder" ] || { fail 'the parameters lack a folder'; return; }
  [ -d "$folder" ] || { fail "there is no folder $folder"; return; }

  # JSON: the figure of every file that is done. Where the attempt before was lost, this one goes on.
  figures=$(jq -c '.checkpoint.files? // {}' "$work/job")
  is_resumed=$figures

  (cd "$folder" && find . -type f -print0) | sort -z >"$work/files"
  total=$(tr -cd '\000' <"$work/files" | wc -c)
  while IFS= read -r -d '' file; do
    file=${file#./} number=$((number + 1))
    [ "$is_resumed" != '{}' ] && jq -e --arg file "$file" 'has($file)' <<<"$figures" >/dev/null && continue
    if [ "$type" = checksum ]; then
      figure=\"$(checksum <"$folder/$file")\"
      event log_chunk "$file: ${figure//\"/}"$'\n'
    else
      figure=$(count_words <"$folder/$file")
      event log_chunk "$file: $figure words"$'\n'
    fi
    figures=$(jq -c --arg file "$file" --argjson figure "$figure" '.[$file] = $figure' <<<"$figures")
    event percent $((100 * number / total))
    event message "$number of $total files"
    event checkpoint "{\"files\": $figures}"
    send_progress || return
  done <"$work/files"

  if [ "$type" = checksum ]; then
    # Like `sha256sum * | sha256sum`.
    figure=\"$(jq -r 'to_entries[] | "\(.value)  \(.key)"' <<<"$figures" | checksum)\"
  else
    figure=$(jq '[.[]] | add // 0' <<<"$figures")
  fi
  echo "{\"files\": $figures, \"total\": $figure}" >"$work/outcome"
  outcome=result
}

# Does the job in $work/job and hands in what came of it.
work() {
  local attempt last_id=0 cancelled='' gave_up='' outcome='' keeper status
  attempt=$(jq -r '"/jobs/\(.id)/attempts/\(.attempt)"' "$work/job")
  : >"$work/progress"

  keep_alive >/dev/null 2>&1 &
  keeper=$!
  do_job
  kill "$keeper" 2>/dev/null
  wait "$keeper" 2>/dev/null

  [ -n "$gave_up" ] && return # the attempt is no longer ours, so nobody asks for its end
  if [ -n "$cancelled" ]; then
    outcome=error
    echo '{"message": "stopped, as asked"}' >"$work/outcome"
  fi
  # 201, or 200 if it was handed in before and the answer got lost. 409: somebody else has the job by now.
  status=$(call PUT "$attempt/$outcome" "${json[@]}" --data-binary "@$work/outcome")
  case $status in 2*) ;; *) say "the $outcome was not taken: $(cat "$work/answer")" ;; esac
}

while [ -z "$leaving" ]; do
  claim || continue
  work &
  wait_for $!
done
exit 0 # and not what a wait said that the signal ended
