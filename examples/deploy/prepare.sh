#!/bin/sh
# Makes what both centers must have alike, into ./secrets (or $1). Each file is made once. Needs openssl; and ctask, or docker with the image.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
to=${1:-$here/secrets}
mkdir -p "$to"
chmod 0711 "$to" # the account of the image reads its files there, and must get in
random() { openssl rand 32 | openssl base64 -A | tr '+/' '-_' | tr -d '='; }
once() { [ -s "$to/$1" ] || printf '%s\n' "$2" > "$to/$1"; }
once admin.token "ct_$(random)"
once agent.token "ct_$(random)"
once coordination.secret "$(random)"
once postgres.password "$(random)"
if [ ! -s "$to/ca.crt" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj '/CN=CloudTask authority' \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout "$to/ca.key" -out "$to/ca.crt" 2> /dev/null
fi
if [ ! -s "$to/secrets.key" ]; then
  if [ -n "${CTASK:-}" ]; then $CTASK center add-secrets-key --secrets-key-file "$to/secrets.key"
  else docker run --rm --user "$(id -u)" --volume "$to:/secrets" ctask center add-secrets-key --secrets-key-file /secrets/secrets.key
  fi
fi
echo "prepared in $to"
