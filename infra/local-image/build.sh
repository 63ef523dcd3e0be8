#!/usr/bin/env bash
# Makes the image in which `sam local` runs a function, without a registry.
#
# A function is one binary: all it needs around it is a C library no older than
# Lambda's (glibc 2.34) and root certificates. A minimal Debian has both. What is
# added is the way to the local system (local-system, beside this file). samconfig.toml
# names the image for `sam local`.
#
#   infra/local-image/build.sh [--force]
#
# Needs root, debootstrap and a running Docker engine. Does nothing when the image
# is there, unless --force is given. DEBIAN_MIRROR and DEBIAN_SUITE choose where the
# packages come from.
set -euo pipefail

here=$(dirname "$0")
image=viewing-desk/lambda
suite=${DEBIAN_SUITE:-bookworm}

fail() {
    printf 'local-image: %s\n' "$*" >&2
    exit 1
}

force=false
case ${1:-} in
'') ;;
--force) force=true ;;
*) fail "unknown argument $1 (only --force is known)" ;;
esac

command -v docker >/dev/null ||
    fail 'there is no docker command; on Debian: apt-get install docker.io'
docker version >/dev/null 2>&1 ||
    fail 'no Docker engine answers; start one, in a container without an init for example by: dockerd --storage-driver vfs &'

if [[ $force == false ]] && docker image inspect "$image" >/dev/null 2>&1; then
    printf 'local-image: %s is there already\n' "$image"
    exit 0
fi

command -v debootstrap >/dev/null ||
    fail 'there is no debootstrap command; on Debian: apt-get install debootstrap'
[[ $(id -u) == 0 ]] || fail 'debootstrap needs root'

case $(uname -m) in
x86_64) architecture=amd64 ;;
aarch64 | arm64) architecture=arm64 ;;
*) fail "Lambda has no processor like $(uname -m)" ;;
esac

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

printf 'local-image: installing a minimal Debian %s, about a minute\n' "$suite"
debootstrap --variant=minbase --include=ca-certificates,socat "$suite" "$work/root" \
    ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    fail 'debootstrap failed'
}
rm -rf "$work/root/var/cache/apt" "$work/root/var/lib/apt/lists" \
    "$work/root/usr/share/doc" "$work/root/usr/share/locale"
mkdir -p "$work/root/var/task"
install -D --mode 755 "$here/local-system" "$work/root/opt/extensions/local-system"

printf 'local-image: importing it as %s\n' "$image"
# The environment and folders are those of Lambda's own images.
tar --numeric-owner -C "$work/root" -c . |
    docker import \
        --platform "linux/$architecture" \
        --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin:/opt/bin' \
        --change 'ENV LANG=C.UTF-8 TZ=:/etc/localtime' \
        --change 'ENV LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime' \
        --change 'WORKDIR /var/task' \
        - "$image" >/dev/null

# What sam local made of an earlier image would be used on.
docker image ls --quiet --filter "reference=$image:rapid-*" | sort -u |
    xargs --no-run-if-empty docker image rm --force >/dev/null
printf 'local-image: %s is ready\n' "$image"
