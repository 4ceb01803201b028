#!/bin/sh
# Makes the secrets that are ours to choose, for deploy/compose.yaml. What is there already stays.
set -eu
umask 077
folder="$(dirname "$0")/secrets"
mkdir -p "$folder"

make() { # name, command …: the command's output becomes the file
  file="$folder/$1"
  shift
  [ -e "$file" ] || { "$@" > "$file.new" && mv "$file.new" "$file"; }
}

make database_password openssl rand -hex 24
make database_url printf 'postgres://tokenline:%s@postgres/tokenline\n' "$(cat "$folder/database_password")"
make internal_credential openssl rand -base64 32
make access_key.pem openssl genpkey -algorithm ed25519
make ledger_key.pem openssl genpkey -algorithm ed25519
# Compose wants it to be there before card-settings has written it.
[ -e "$folder/tokenizer.json" ] || : > "$folder/tokenizer.json"
# The containers' user.
[ "$(id -u)" != 0 ] || chown -R 1000:1000 "$folder"
echo "The secrets are in $folder. They belong to user $(stat -c %u "$folder"); the containers run as 1000."
