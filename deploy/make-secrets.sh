#!/usr/bin/env bash
# Makes the passwords that docker-compose.yml mounts as secrets: deploy/make-secrets.sh [FOLDER]
# What is there already stays. Nothing is printed but the folder.
set -euo pipefail
folder=${1:-$(dirname "$0")/secrets}

# The folder keeps other users out. The files inside are readable for all, as each is mounted alone into a container
# whose user is none of this machine's.
mkdir -p "$folder"
chmod 700 "$folder"

password() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

keep() { # keep NAME CONTENT
  [ -s "$folder/$1" ] && return
  printf '%s\n' "$2" >"$folder/$1"
  chmod 444 "$folder/$1"
}

keep postgres "$(password)"
# The format of a PostgreSQL password file: any host, port and database.
keep ledger_owner "*:*:*:ledger_owner:$(password)"
keep ledger_service "*:*:*:ledger_service:$(password)"
keep grafana "$(password)"
echo "Secrets lie in $folder. Keep them out of backups that hold the database."
