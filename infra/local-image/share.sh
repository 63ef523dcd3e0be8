#!/usr/bin/env bash
# Lets functions under `sam local` reach the local system, until Ctrl-C.
#
# The local system listens on the host's loopback only, which a container cannot
# reach. This offers its ports, 9100 to 9104, on the address that the host has on
# Docker's bridge: there for containers on this machine, and for nobody else.
#
#   cargo run -- serve --port 9100
#   infra/local-image/share.sh
set -euo pipefail

fail() {
    printf 'share: %s\n' "$*" >&2
    exit 1
}

command -v socat >/dev/null || fail 'there is no socat command; on Debian: apt-get install socat'
host=$(docker network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}' 2>/dev/null) ||
    fail 'no Docker engine with a bridge network answers'
# Docker leaves it out of the network's own settings until it is chosen by hand.
[[ -n $host ]] ||
    host=$(docker network inspect bridge --format '{{(index .IPAM.Config 0).Subnet}}' | sed 's|\.0/.*|.1|')

trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
for port in 9100 9101 9102 9103 9104; do
    socat "TCP-LISTEN:$port,bind=$host,fork,reuseaddr" "TCP:127.0.0.1:$port" 2>/dev/null &
done
printf 'share: 127.0.0.1:9100 to 9104 are at %s for containers\n' "$host"
wait -n
fail "a port of $host could not be opened, or stopped being open"
