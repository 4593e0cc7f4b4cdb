#!/bin/sh
# Makes the flow `passkeys` of a Keycloak realm and lets people in by it alone. Sign in before, by kcadm.sh config credentials.
# Register a passkey for the administrator first: a password opens nothing afterwards.
set -eu
realm=${1:?the name of the realm is missing}
flows=authentication/flows
kcadm.sh create $flows -r "$realm" -s alias=passkeys -s providerId=basic-flow -s topLevel=true -s builtIn=false
jq -r '.[].providerId' passkeys.json | while read -r provider; do
  kcadm.sh create $flows/passkeys/executions/execution -r "$realm" -s provider="$provider"
done
kcadm.sh get $flows/passkeys/executions -r "$realm" |
  jq -c --slurpfile wanted passkeys.json \
    '.[] | .providerId as $id | .requirement = ($wanted[0][] | select(.providerId == $id) | .requirement)' |
  while read -r step; do
    echo "$step" | kcadm.sh update $flows/passkeys/executions -r "$realm" -f -
  done
kcadm.sh update "realms/$realm" -f realm.json
