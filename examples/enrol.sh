#!/usr/bin/env bash
# Enrols a caller in a subscription, step by step, over the HTTP contract that Genesys data actions
# use. Needs bash and curl, and a system that runs with sandbox defaults: npm start
#
#   examples/enrol.sh [plan id] [language]
#
# Other addresses: TOKENLINE_BRIDGE_PORT, TOKENLINE_TOKENIZER_PORT, TOKENLINE_SANDBOX_PORT, or whole
# with TOKENLINE_BRIDGE_URL, … Another client: TOKENLINE_CLIENT_ID, TOKENLINE_CLIENT_SECRET.
set -euo pipefail

plan="${1:-recurring_monthly_premium}"
language="${2:-en-us}"
bridge="${TOKENLINE_BRIDGE_URL:-http://127.0.0.1:${TOKENLINE_BRIDGE_PORT:-8080}}"
tokenizer="${TOKENLINE_TOKENIZER_URL:-http://127.0.0.1:${TOKENLINE_TOKENIZER_PORT:-8081}}"
sandbox="${TOKENLINE_SANDBOX_URL:-http://127.0.0.1:${TOKENLINE_SANDBOX_PORT:-8082}}"
client_id="${TOKENLINE_CLIENT_ID:-tokenline-sandbox}"
client_secret="${TOKENLINE_CLIENT_SECRET:-not-a-secret-sandbox}"

letters() { LC_ALL=C tr -dc 'a-z' < /dev/urandom | head -c 12 || true; }

# One call: every request of it carries this id. Letters only, so that it cannot look like a card.
call="call-$(letters)"
# Somebody new each time, with a number of the range that is kept for fiction (555-0100 to 555-0199),
# because nobody can subscribe twice to one plan, and because card attempts are counted for each
# customer, number and card.
customer="customer-$(letters)"
ani="+1317555$(printf '01%02d' $((RANDOM % 100)))"
# Published test numbers, from the documentation of payment gateways; they are nobody's cards.
cards=('4242 4242 4242 4242' '4012 8888 8888 1881' '5555 5555 5555 4444' '5105 1051 0510 5100')

fail() {
  printf '\nenrol.sh: %s\n' "$1" >&2
  exit 1
}

step() { printf '\n%s\n' "$1"; }

# The value of a name in a flat JSON object, without its quotes; empty where it is not there.
value() {
  printf '%s' "$2" | tr -d '\n' |
    sed -n -E "s/.*\"$1\" *: *(\"(([^\"\\\\]|\\\\.)*)\"|(-?[0-9.]+|true|false|null)).*/\2\4/p" |
    sed 's/\\"/"/g'
}

# Sends JSON from standard input, so that no body stands on a command line, and leaves the answer in
# `answer`.
post() { # url [file descriptor with the body: standard input]
  local status
  answer="$(curl --silent --show-error --max-time 35 --write-out '\n%{http_code}' \
    --header 'Content-Type: application/json' --header @<(printf 'Authorization: Bearer %s' "$token") \
    --data-binary @- "$1")" || fail "$1 does not answer. Is the system running? npm start"
  status="${answer##*$'\n'}"
  answer="${answer%$'\n'*}"
  [ "$status" = 200 ] || fail "$1 answered HTTP $status: $answer"
}

get() {
  answer="$(curl --silent --show-error --fail-with-body --max-time 35 \
    --header @<(printf 'Authorization: Bearer %s' "${token:-}") "$1")" ||
    fail "$1 failed: ${answer:-no answer}"
}

# Every answer says what became of it and what the caller hears.
expect() { # outcome, what it was
  local outcome
  outcome="$(value outcome "$answer")"
  printf '   caller hears: %s\n' "$(value prompt_text "$answer")"
  [ "$outcome" = "$1" ] ||
    fail "$2: expected outcome $1, got ${outcome:-none} ($(value error_code "$answer"))"
}

show() { # names…
  local name
  for name in "$@"; do printf '   %-24s %s\n' "$name" "$(value "$name" "$answer")"; done
}

step '1. An access token: client credentials, good for ten minutes'
answer="$(printf 'grant_type=client_credentials&client_id=%s&client_secret=%s' "$client_id" "$client_secret" |
  curl --silent --show-error --max-time 10 --data-binary @- "$bridge/oauth/token")" ||
  fail "$bridge does not answer. Is the system running? npm start"
token="$(value access_token "$answer")"
[ -n "$token" ] || fail "no access token: $answer"
show token_type expires_in scope

step '2. Availability: asked before anybody is asked for a card'
post "$bridge/v1/availability" <<< "{\"interaction_id\":\"$call\",\"ani\":\"$ani\",\"language\":\"$language\"}"
expect approved availability
[ "$(value route "$answer")" = continue ] || fail "automated payments are not available: $(value reason "$answer")"

step '3. Look-up: who is calling'
post "$bridge/v1/subscribers/lookup" <<< "{\"interaction_id\":\"$call\",\"ani\":\"$ani\",\"customer_id\":\"$customer\"}"
expect approved lookup
show customer_id is_subscriber
[ "$(value customer_id "$answer")" = "$customer" ] || fail "the customer id was not taken"

step '4. Plans, as they are offered'
post "$bridge/v1/plans/list" <<< "{\"interaction_id\":\"$call\",\"language\":\"$language\"}"
expect approved plans
case "$answer" in *"\"$plan\""*) ;; *) fail "there is no plan $plan" ;; esac

step '5. The disclosure: said word for word before consent'
post "$bridge/v1/disclosures" <<< "{\"interaction_id\":\"$call\",\"customer_id\":\"$customer\",\"plan_id\":\"$plan\",\"language\":\"$language\"}"
expect approved disclosure
show amount_text disclosure_text
disclosure="$(value disclosure_id "$answer")"

step '6. Consent: the caller presses 1'
post "$bridge/v1/consents" <<< "{\"interaction_id\":\"$call\",\"disclosure_id\":\"$disclosure\",\"key_pressed\":\"1\"}"
expect approved consent
consent="$(value consent_id "$answer")"

step '7. The card, to the tokenizer only: a published test number, never shown here'
pan="${cards[RANDOM % ${#cards[@]}]// /}"
printf '   card number              **** **** **** %s\n' "${pan: -4}"
post "$tokenizer/v1/tokens" << CARD
{"card_number":"$pan","cvv":"123","expiry_month":"12","expiry_year":"$(($(date +%Y) + 2))",
 "customer_id":"$customer","recurring_flag":true,"language":"$language","attempt":1,
 "metadata":{"call_id":"$call","interaction_id":"$call","source":"ivr_payment_flow"}}
CARD
case "$answer" in *"$pan"*) fail 'the answer repeats the card number' ;; esac
unset pan
expect approved 'the card'
show card_brand card_last4 gateway_transaction_id
payment_token="$(value token_id "$answer")"

step '8. The subscription: with the token and the consent'
post "$bridge/v1/subscriptions" << SUBSCRIBE
{"customer_id":"$customer","payment_method_token":"$payment_token","plan_id":"$plan",
 "consent_id":"$consent","metadata":{"ivr_session_id":"$call"}}
SUBSCRIBE
expect approved 'the subscription'
show subscription_id status amount_text next_charge_date confirmation_code gateway_transaction_id
subscription="$(value subscription_id "$answer")"
transaction="$(value gateway_transaction_id "$answer")"

step '9. The same request again: the same answer, and no second subscription'
first="$answer"
post "$bridge/v1/subscriptions" << SUBSCRIBE
{"customer_id":"$customer","payment_method_token":"$payment_token","plan_id":"$plan",
 "consent_id":"$consent","metadata":{"ivr_session_id":"$call"}}
SUBSCRIBE
[ "$answer" = "$first" ] || fail 'a repeated request was answered differently'
printf '   byte for byte the same\n'

step '10. The subscription as it is now'
get "$bridge/v1/subscriptions/$subscription"
expect approved 'reading the subscription'
show status next_charge_date

step '11. What the gateway knows: the only side that cannot be fooled'
get "$sandbox/__sandbox/ledger"
case "$answer" in *"$call"*) ;; *) fail 'the gateway has nothing of this call' ;; esac
printf '   the gateway has this call in its ledger: %s/__sandbox/ledger\n' "$sandbox"

step '12. What billing was told: a signed event, delivered at least once'
for _ in 1 2 3 4 5 6 7 8 9 10; do
  get "$sandbox/__sandbox/billing"
  case "$answer" in *"$subscription"*) delivered=yes && break ;; *) sleep 0.5 ;; esac
done
[ "${delivered:-no}" = yes ] || fail 'billing was not told within five seconds'
printf '   subscription.created has arrived: %s/__sandbox/billing\n' "$sandbox"

printf '\nDone. The auditor finds it with:\n  npx tokenline audit find --gateway-transaction-id %s\n' "$transaction"
