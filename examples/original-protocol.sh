#!/bin/sh
# The protocol of lazyboss 0.0.2, as its readme had it, against the lazyboss of today: a job is created, taken, told of,
# done, and followed; another one fails. With curl and sed alone.
#
#     LAZYBOSS_URL=http://127.0.0.1:8080 sh examples/original-protocol.sh
set -eu

url=${LAZYBOSS_URL:-http://127.0.0.1:8080}
worker='Authorization: Plain id=worker-1'
json='Content-Type: application/json'
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# request METHOD PATH [CURL OPTION ...]: shows the answer, and keeps it.
request() {
  method=$1 path=$2
  shift 2
  echo "> $method $path"
  curl --silent --show-error --fail-with-body --include --request "$method" "$@" "$url$path" >"$answer"
  cat "$answer"
  echo
}
location() { tr -d '\r' <"$answer" | sed -n 's/^location: //Ip'; }

# Create a job
request POST /jobs --header "$json" --data '{"type": "original", "parameters": {"size": 64}}'
job=$(location)

# Get its status
request GET "$job"

# Ask for a job to do
request POST /jobs/attempt --header "$worker"
attempt=$(location)

# Show progress
printf 'id: 1\nevent: log_chunk\ndata: <chunk>\n\nid: 2\nevent: percent\ndata: 33\n\n' |
  request PUT "$attempt/progress" --header "$worker" --header 'Content-Type: text/event-stream' \
    --header 'Last-Event-Id: 0' --data-binary @-

# Complete the job
request PUT "$attempt/result" --header "$worker" --header "$json" --data '{"thumbnail": "beach-64.webp"}'

# Follow its status: it ends here, for the job is done
request GET "$job" --header 'Accept: text/event-stream'

# Fail a job
request POST /jobs --header "$json" --data '{"type": "original", "maxAttempts": 1}'
request POST /jobs/attempt --header "$worker"
request PUT "$(location)/failure" --header "$worker" --header "$json" --data '{"reason": "no such picture"}'
