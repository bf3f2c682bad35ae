/** One worked example to paste into a shell: an audience, a visitor who becomes a customer, and what is known of her. */
export function example(collector: string, api: string): string {
  return `Try it, in another terminal. First an audience, two orders of 100 or more within a minute:

curl -s -u dev-api-token: -H 'Content-Type: application/json' -X PUT ${api}/v1/audiences/big-spenders -d @- <<'JSON'
{"name": "Big spenders",
 "query": "event('Order Completed').where(property('total') >= 100).within(1 minutes).count() >= 2"}
JSON

Then a visitor on two devices, who signs up and buys twice:

curl -s -u dev-write-key: -H 'Content-Type: application/json' ${collector}/v1/batch -d @- <<'JSON'
{"batch": [
  {"type": "page", "name": "Home", "anonymousId": "laptop"},
  {"type": "identify", "userId": "ann", "anonymousId": "laptop", "traits": {"email": "ann@example.com"}},
  {"type": "track", "event": "Order Completed", "userId": "ann", "anonymousId": "phone", "properties": {"total": 120}},
  {"type": "track", "event": "Order Completed", "userId": "ann", "properties": {"total": 150}}]}
JSON

Her profile, by any of her identifiers; and who is in the audience, for a minute:

curl -s -u dev-api-token: '${api}/v1/profiles?identifier=anonymous_id:phone'
curl -s -u dev-api-token: ${api}/v1/audiences/big-spenders/members
`;
}
