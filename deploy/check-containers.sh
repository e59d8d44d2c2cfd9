#!/usr/bin/env bash
# Proves that the container set-up works: builds the image, starts docker-compose.yml, posts, reviews and reads as a user
# would, looks for secrets and privileges where none may be, opens a next log, and runs tests on a PostgreSQL container.
#
#   deploy/check-containers.sh     exit code 0: proven; 1: something failed; 77: no engine answers and none can be started
#
# Where a Docker engine answers, that one is used. Else, as root, a private one is started in network, process and mount
# namespaces of its own: it reaches nothing outside, and everything of it ends with this script. Images that cannot be pulled
# are replaced by stand-ins (stand-in-images.sh).
set -euo pipefail
cd "$(dirname "$0")/.."
here=deploy/check-containers.sh
bound=${LEDGER_CHECK_SECONDS:-900}
tests=tests/LearningLedger.Service.Tests
test_filter='FullyQualifiedName~TestClusterTests.Every_database|FullyQualifiedName~RuntimeRoleTests'

say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }
fail() { say "FAILED: $*"; exit 1; }
cannot() { echo "No container engine answers, and none can be started: $*"; exit 77; }
engine_answers() { timeout 10 docker version >/dev/null 2>&1; }

compose() {
  if docker compose version >/dev/null 2>&1; then docker compose -p "$project" "$@"; else docker-compose -p "$project" "$@"; fi
}

# ---------------------------------------------------------------- what is proved

images() { # pulled, or stood in for
  local image
  for image in postgres:18 $(sed -n 's/^ARG [A-Z]*_IMAGE=//p' deploy/Dockerfile); do
    docker image inspect "$image" >/dev/null 2>&1 || timeout 180 docker pull -q "$image" >/dev/null 2>&1 || missing+=("$image")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    [ -n "${LEDGER_CHECK_PREPARED:-}" ] || deploy/stand-in-images.sh prepare
    deploy/stand-in-images.sh build "${missing[@]}"
  fi
  say "Images: $([ ${#missing[@]} -gt 0 ] && echo "stand-ins for ${missing[*]}" || echo "those of the registry")."
}

container() { compose ps -q "$1"; }

wait_healthy() { # wait_healthy SERVICE
  local state
  for _ in $(seq 240); do
    state=$(docker inspect -f '{{.State.Status}} {{.State.Health.Status}}' "$(container "$1")" 2>/dev/null || true)
    [ "$state" != "running healthy" ] || return 0
    sleep 0.5
  done
  fail "$1 is not healthy: $state"
}

refused() { # refused WHAT PATTERN COMMAND...: the command fails, and says so
  local what=$1 pattern=$2 answer
  shift 2
  if answer=$("$@" 2>&1); then fail "$what was possible: $answer"; fi
  grep -qi -- "$pattern" <<<"$answer" || fail "$what failed for another reason: $answer"
}

call() { # call METHOD PATH [BODY [MEDIA TYPE]]: prints status and answer
  local url
  url=http://$(compose port service 5080)
  curl -sS --max-time 30 -w '\n%{http_code}\n' -X "$1" -H "Authorization: Bearer $key" -H "Content-Type: ${4:-application/json}" ${3:+--data-binary "$3"} "$url$2"
}

expect() { # expect WHAT STATUS TEXT ANSWER
  [ "$(tail -n 1 <<<"$4")" = "$2" ] || fail "$1: $4"
  grep -qF -- "$3" <<<"$4" || fail "$1 lacks $3: $4"
}

events() { # an attempt and a piece of evidence
  local at='"specversion":"1.0","source":"https://platform.example/lms","subject":"ada","time":"2026-01-05T10:00:00Z"'
  cat <<END
[{$at,"id":"1","type":"skill.attempted","data":{"skill":"systems-thinking","score":0.9}},
 {$at,"id":"2","type":"evidence.submitted","data":{"evidence":"$evidence","skills":["systems-thinking"],"mediaType":"text/plain","size":3,
  "sha256":"$(printf 'a%.0s' $(seq 64))","location":"https://platform.example/f/1","title":"My work"}}]
END
}

post_events() { call POST /v1/events "$(events)" application/cloudevents-batch+json; }

main_job() {
  local answer learner
  evidence=5f0c2d62-6f0b-4d5e-9a57-0e6f1a4f6c11
  key=$(compose exec -T service cat /data/keys/bootstrap.key | tr -d '\r\n')
  answer=$(post_events)
  expect "posting" 200 '"accepted":2' "$answer"
  answer=$(call GET "/v1/learners?source=https://platform.example/lms&subject=ada")
  expect "finding the learner" 200 '"id":' "$answer"
  learner=$(sed -n 's/.*"id":"\([0-9a-f-]*\)".*/\1/p' <<<"$answer")
  answer=$(call POST "/v1/learners/$learner/evidence/$evidence/reviews" '{"decision":"accepted"}')
  expect "the review" 201 "" "$answer"
  answer=$(call GET "/v1/learners/$learner/transcript")
  expect "the transcript" 200 '"best":0.9' "$answer"
  expect "the transcript" 200 "$evidence" "$answer"
  say "Posted, reviewed and read back through the published port."
  compose restart service >/dev/null 2>&1
  wait_healthy service
  answer=$(post_events)
  expect "posting again after a restart" 200 '"duplicates":2' "$answer"
  say "After a restart everything is still there: the same posts are duplicates."
}

confined() {
  local status
  status=$(compose exec -T service cat /proc/1/status)
  grep -qE '^Uid:\s10001\s10001\s10001\s10001' <<<"$status" || fail "the service runs as $(grep Uid: <<<"$status")"
  grep -qE '^CapEff:\s0+$' <<<"$status" || fail "the service has capabilities: $(grep Cap <<<"$status")"
  grep -qE '^NoNewPrivs:\s1' <<<"$status" || fail "the service may gain privileges"
  [ "$(docker inspect -f '{{.Config.User}}' "$image")" = 10001:10001 ] || fail "the image's own user is root"
  refused "writing into the service's file system" "read-only" compose exec -T service sh -c 'echo >/app/x'
  refused "writing into the database's file system" "read-only" compose exec -T database sh -c 'echo >/usr/local/bin/x'
  [ "$(compose exec -T database sh -c 'cat /proc/1/status' | awk '/^Uid:/{print $2}')" != 0 ] || fail "PostgreSQL runs as root"
  [ "$(as_role ledger_service 'show shared_buffers')" = 512MB ] || fail "PostgreSQL has not the settings of docker-compose.yml"
  say "Not root, no capabilities, no new privileges, file systems read-only."
}

as_role() { # as_role ROLE SQL: over TCP, with the role's password
  compose exec -T -e "PGPASSWORD=$(cut -d: -f5 "$LEDGER_SECRETS/$1")" database psql -h 127.0.0.1 -U "$1" -d ledger -qtA -v ON_ERROR_STOP=1 -c "$2"
}

roles() {
  local statement
  [ "$(as_role ledger_service 'select count(*) from ledger.mt_events where data is not null')" -gt 0 ] || fail "ledger_service reads no events"
  for statement in "update ledger.mt_events set data = '{}'" "delete from ledger.mt_events" "truncate ledger.mt_events" \
    "create table ledger.mine (n int)" "select * from pg_authid"; do
    refused "'$statement' by ledger_service" "permission denied" as_role ledger_service "$statement"
  done
  [ "$(compose exec -T database psql -U postgres -d ledger -qtA -c "select string_agg(distinct usename, ',') from pg_stat_activity where application_name = 'learningledger'")" = ledger_service ] ||
    fail "the service is connected as another role"
  [ "$(compose exec -T database psql -U postgres -d ledger -qtA -c "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where pg_get_userbyid(c.relowner) = 'ledger_service'")" = 0 ] ||
    fail "ledger_service owns something"
  say "The service is ledger_service, which can append events and can neither change nor remove one."
}

secrets() {
  local file secret places
  places=$(docker history --no-trunc "$image"; docker inspect "$image"; compose ps -q | xargs docker inspect -f '{{json .Config}}'; compose logs --no-color)
  for file in "$LEDGER_SECRETS"/*; do
    secret=$(sed 's/.*://' "$file")
    if grep -qF -- "$secret" <<<"$places"; then fail "the secret $(basename "$file") shows in an image, a container's settings or a log"; fi
  done
  if grep -qF -- "$key" <<<"$places"; then fail "the bootstrap key shows in an image, a container's settings or a log"; fi
  docker run --rm --network none --entrypoint /bin/sh "$image" -c '[ -z "$(find / -xdev \( -name "*.key" -o -name "ledger_owner" -o -path "/data/*" \) 2>/dev/null)" ]' ||
    fail "the image holds keys"
  say "No secret in image, history, container settings or logs."
}

next_log() { # as after a restore from a backup, with a checkpoint that an auditor kept
  local answer
  call GET /log/default/checkpoint | head -n -2 >"$work/last.checkpoint"
  compose stop service >/dev/null 2>&1
  answer=$(compose run --rm -T -v "$work/last.checkpoint:/last.checkpoint:ro" service epoch default --last /last.checkpoint 2>&1) || fail "opening the next log: $answer"
  compose up -d >"$work/up.log" 2>&1 || { cat "$work/up.log"; fail "compose up after the next log was opened"; }
  wait_healthy service
  expect "the log that ended" 410 "" "$(call GET /log/default/checkpoint)"
  say "The next log is open, as after a restore."
}

testcontainers() {
  local log=$work/testcontainers.log
  export LEDGER_TEST_DATABASE=container
  # Only an old engine has to be told its version; only a machine that is itself a container where published ports are.
  docker version -f '{{.Server.APIVersion}}' | grep -qE '^1\.([0-3][0-9]|4[0-3])$' && DOCKER_API_VERSION=$(docker version -f '{{.Server.APIVersion}}') && export DOCKER_API_VERSION
  [ ${#missing[@]} -eq 0 ] || export TESTCONTAINERS_RYUK_DISABLED=true
  [ -z "${LEDGER_CHECK_PRIVATE:-}" ] || export TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
  dotnet test "$tests/bin/Release/net10.0/LearningLedger.Service.Tests.dll" --filter "$test_filter" >"$log" 2>&1 || { tail -40 "$log"; fail "tests on a container"; }
  say "Tests on a PostgreSQL container: $(grep -E '^Passed!' "$log")"
}

prove() {
  missing=()
  project=ledgercheck$$
  image=learningledger:check$$
  key=''
  export LEDGER_IMAGE=$image LEDGER_PORT='' LEDGER_SHARED_BUFFERS='' LEDGER_SECRETS=$work/secrets
  trap 'compose logs --no-color --tail 60; tidy; stand_down' EXIT
  images
  deploy/make-secrets.sh "$LEDGER_SECRETS" >/dev/null
  # An operator takes Prometheus' key from the running service; docker-compose names a missing file at every call.
  (umask 077 && head -c 24 /dev/urandom | base64 >"$LEDGER_SECRETS/metrics_key")
  compose --profile telemetry --profile monitoring config -q
  # `migrate` runs the same image.
  compose build service >"$work/build.log" 2>&1 || { tail -40 "$work/build.log"; fail "the image does not build"; }
  say "Built $(docker image inspect -f '{{.Size}}' "$image" | awk '{printf "%d MB", $1 / 1e6}')."
  compose up -d >"$work/up.log" 2>&1 || { cat "$work/up.log"; fail "compose up"; }
  wait_healthy service
  say "Database, migration and service: up and healthy."
  main_job
  confined
  roles
  secrets
  next_log
  trap stand_down EXIT
  tidy
  [ -z "$(docker ps -aq --filter "label=com.docker.compose.project=$project")$(docker volume ls -q --filter "label=com.docker.compose.project=$project")" ] ||
    fail "compose left something behind"
  testcontainers
  say "PROVEN."
}

stand_down() { # nobody shall later take a stand-in for the real image
  [ ${#missing[@]} -gt 0 ] || return 0
  docker image rm -f "${missing[@]}" learningledger-stand-in-base >/dev/null 2>&1 || true
  docker image prune -f --filter label=org.learningledger.stand-in=true >/dev/null 2>&1 || true
}

tidy() {
  compose down -v --remove-orphans >/dev/null 2>&1 || true
  docker image rm -f "$image" >/dev/null 2>&1 || true
}

# ---------------------------------------------------------------- an engine of our own

need() { # need COMMAND...: installed, if that is possible
  local command packages=() missing=()
  for command; do
    command -v "$command" >/dev/null && continue
    missing+=("$command")
    case $command in
      dockerd | docker) packages+=(docker.io) ;;
      ip) packages+=(iproute2) ;;
      *) packages+=("$command") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then cannot "${missing[*]} missing, and packages cannot be installed."; fi
  say "Installing ${packages[*]} ..."
  # Debian would start the engine's service; it is not to be left running.
  local policy=/usr/sbin/policy-rc.d placed=
  [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy; chmod 755 $policy; placed=1; }
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -yqq -o DPkg::Lock::Timeout=120 --no-install-recommends "${packages[@]}" >"$work/apt.log" 2>&1 ||
    { apt-get update -qq && apt-get install -yqq -o DPkg::Lock::Timeout=120 --no-install-recommends "${packages[@]}"; } >"$work/apt.log" 2>&1 || true
  [ -z "$placed" ] || rm -f $policy
  for command; do command -v "$command" >/dev/null || cannot "$command cannot be installed: $(tail -n 1 "$work/apt.log")"; done
}

private_engine() { # the first process of its namespaces
  trap 'exit 143' TERM INT
  # The engine writes there whatever it is told; here it does so for itself alone.
  mount -t tmpfs none /etc/docker
  mount -t tmpfs none /run/docker
  ip link set lo up
  export DOCKER_HOST=unix://$work/docker.sock LEDGER_CHECK_PRIVATE=1
  dockerd --data-root "$work/engine" --exec-root "$work/run" -p "$work/docker.pid" -H "$DOCKER_HOST" --storage-driver overlay2 \
    --cgroup-parent "/$(basename "$work")" >"$work/engine.log" 2>&1 &
  local engine=$! code
  for _ in $(seq 60); do
    engine_answers && break
    kill -0 $engine 2>/dev/null || break
    sleep 0.5
  done
  engine_answers || { tail -5 "$work/engine.log"; cannot "dockerd does not start."; }
  say "A private engine answers: $(docker version -f '{{.Server.Version}}')."
  # Not in a condition, where the shell would go on after a failure.
  set +e
  (set -e; prove)
  code=$?
  kill "$(cat "$work/docker.pid")"
  wait $engine
  exit $code
}

with_private_engine() {
  if [ "$(uname -s)" != Linux ] || [ "$(id -u)" != 0 ]; then cannot "that takes Linux and root."; fi
  # One at a time on a machine.
  exec 9>/tmp/learningledger-check-containers.lock
  flock -w "$bound" 9 || cannot "another check is running."
  need docker dockerd containerd runc iptables ip docker-compose mmdebstrap jq curl npm unshare
  unshare --net --pid --mount --fork --kill-child --mount-proc true 2>"$work/unshare.log" || cannot "namespaces are refused: $(cat "$work/unshare.log")"
  deploy/stand-in-images.sh prepare
  dotnet build "$tests" -c Release -v quiet
  mkdir -p /etc/docker /run/docker
  # A bound on everything; should this script be killed, the namespaces end with `unshare`.
  timeout --kill-after 10 "$bound" unshare --net --pid --mount --fork --kill-child --mount-proc \
    env LEDGER_CHECK_WORK="$work" LEDGER_CHECK_BEGAN=$SECONDS LEDGER_CHECK_PREPARED=1 "$here" --inside &
  inside=$!
  local code=0
  wait "$inside" || code=$?
  inside=
  exit $code
}

end() {
  if [ -n "${inside:-}" ]; then
    kill "$inside" 2>/dev/null || true
    wait "$inside" || true
  fi
  find /sys/fs/cgroup -depth -type d -path "*/$(basename "$work")*" -exec rmdir {} + 2>/dev/null || true
  rmdir --ignore-fail-on-non-empty /etc/docker /run/docker 2>/dev/null || true
  rm -rf "$work"
}

if [ "${1:-}" = --inside ]; then
  work=$LEDGER_CHECK_WORK
  SECONDS=$LEDGER_CHECK_BEGAN
  private_engine
fi
work=$(mktemp -d -t ledgercheck-XXXXXXXX)
trap end EXIT
trap 'exit 143' TERM INT
if command -v docker >/dev/null && engine_answers; then
  say "An engine answers: $(docker version -f '{{.Server.Version}}')."
  need curl
  docker compose version >/dev/null 2>&1 || need docker-compose
  dotnet build "$tests" -c Release -v quiet
  (prove)
else
  with_private_engine
fi
