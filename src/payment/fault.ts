/**
 * Every fault that an HTTP caller can meet: RFC 9457 problems with a stable `code`. A business
 * result is never a fault. `docs/reference/errors.md` lists the same codes; a test compares them.
 */
export const FAULTS = {
  bad_request: [400, 'The request is not what this route takes.'],
  card_number_in_wrong_place: [400, 'A field that is no card field holds a card number.'],
  missing_token: [401, 'An access token is needed: POST /oauth/token gives one.'],
  invalid_token: [401, 'The access token is expired, malformed or not for this service.'],
  signed_out: [401, 'Nobody is signed in: the page has to be opened again.'],
  invalid_client: [401, 'The client id or secret is wrong.'],
  missing_scope: [403, 'The access token has not the scope that this route needs.'],
  missing_right: [403, 'None of your roles may do this.'],
  second_person_needed: [403, 'What one person has proposed another one has to confirm.'],
  not_in_conversation: [403, 'You take no part in this conversation, so nothing of it is shown.'],
  foreign_page: [403, 'The request did not come from a page of ours.'],
  invalid_signature: [403, 'The signature of the webhook does not match, or is too old.'],
  unknown_route: [404, 'There is no such route.'],
  unknown_resource: [404, 'There is no such resource.'],
  operation_in_progress: [409, 'The same request is being carried out; ask for its operation.'],
  not_resolvable: [409, 'The operation cannot be resolved by hand as things stand.'],
  body_too_large: [413, 'The body is larger than this route takes.'],
  unsupported_media_type: [415, 'The body has to be application/json.'],
  key_reused: [422, 'This idempotency key was used for another request.'],
  too_many_requests: [429, 'Too many requests; wait as long as Retry-After says.'],
  internal_error: [500, 'A bug. The id is in the log.'],
  genesys_refused: [502, 'Genesys Cloud does not do what was asked of it.'],
  genesys_unavailable: [503, 'Genesys Cloud cannot be reached, or is too busy.'],
  store_unavailable: [503, 'The database cannot be reached, so nothing was done.'],
  sign_in_unavailable: [503, 'The identity provider cannot be reached, or refused us.'],
  bridge_unavailable: [503, 'The bridge cannot be reached, so no card was sent anywhere.'],
  shutting_down: [503, 'This process is being stopped; another one answers.'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type FaultCode = keyof typeof FAULTS;

/** A fault on its way to the HTTP caller. `detail` says what to do; it never repeats input. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly status: number;
  readonly retryAfterS: number | null;

  constructor(code: FaultCode, detail: string, retryAfterS: number | null = null) {
    super(detail);
    this.name = 'Fault';
    this.code = code;
    this.status = FAULTS[code][0];
    this.retryAfterS = retryAfterS;
  }

  /** The body of an `application/problem+json` answer. */
  problem(): { type: string; title: string; status: number; code: FaultCode; detail: string } {
    const [status, title] = FAULTS[this.code];
    const type = `urn:tokenline:fault:${this.code}`;
    return { type, title, status, code: this.code, detail: this.message };
  }
}
