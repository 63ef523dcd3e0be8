#!/usr/bin/env bash
# Makes the image in which `sam local` runs a function, without a registry.
#
# A function is one binary: all it needs around it is a C library no older than
# Lambda's (glibc 2.34). It is taken from a minimal Debian, with the few programs of the
# way to the local system (local-system, beside this file), and nothing else: an engine
# without overlays copies the image for every container. samconfig.toml names the image
# for `sam local`.
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
debootstrap --variant=minbase --include=socat "$suite" "$work/debian" \
    ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    fail 'debootstrap failed'
}

# The programs, the libraries that they load, and those that every function loads.
mkdir -p "$work/root/var/task" "$work/root/tmp" "$work/root/usr/bin"
for program in bash cat chmod env grep mv socat sh tr; do
    cp --dereference "$work/debian/usr/bin/$program" "$work/root/usr/bin/"
done
libraries=$(chroot "$work/debian" sh -c 'for program; do ldd "/usr/bin/$program"; done' - bash chmod grep mv socat |
    grep -o '/[^ ]*' | sort -u)
folder=$(dirname "$(grep -m 1 'libc\.so' <<<"$libraries")")
# What sam build makes is linked for glibc 2.26, when threads and the like were libraries of
# their own; their names are still there.
older=(libpthread.so.0 libdl.so.2 librt.so.1 libutil.so.1)
for library in $libraries "$folder"/lib{gcc_s.so.1,m.so.6,nss_dns.so.2,nss_files.so.2,resolv.so.2} \
    "${older[@]/#/$folder/}"; do
    install -D "$work/debian/$library" "$work/root/$library"
done
for link in bin sbin; do
    ln -s usr/bin "$work/root/$link"
done
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
