import type { DataActions } from '../../line/call.ts';
import { NotHere, type CallPlace } from '../../line/call-file/world.ts';
import { newId, type Randomness } from '../../system/randomness.ts';
import { sendCard } from './send-card.ts';
import { textIn, type SystemClient } from './system-client.ts';

/** Of published test numbers (https://docs.stripe.com/testing), in groups of four. */
const APPROVED_CARD = ['4242', '4242', '4242', '4242'];
/** The sandbox's issuer declines them; each is a card of its own for velocity limits. */
const DECLINED_ENDINGS = ['0002', '9995', '0127', '0119', '9987', '9979'];

const PLAN = 'recurring_monthly_premium';

/** How slow the gateway is while the breaker learns that it is: the guide's limit is 15 s. */
const SLOW_MS = 16_000;
/** The guide's "three consecutive calls". */
const SLOW_CALLS = 3;

/**
 * Calls that were made before the one that a file tells of: everything that a subscriber, a velocity
 * limit or a breaker remembers has really happened, over HTTP.
 */
export class EarlierCalls {
  readonly #system: SystemClient;
  readonly #randomness: Randomness;
  readonly #dataActions: () => DataActions;
  #subscriptionId: string | null = null;

  constructor(system: SystemClient, randomness: Randomness, dataActions: () => DataActions) {
    this.#system = system;
    this.#randomness = randomness;
    this.#dataActions = dataActions;
  }

  async enrol(place: CallPlace, planId: string | null): Promise<void> {
    const { interactionId, customerId, language } = await this.#begin(place);
    if (customerId === null) {
      throw new NotHere(
        `the directory knows nobody at '${place.ani}', so nobody can be subscribed; the sandbox knows +13175550100, +13175550101 and +13175550102`,
      );
    }
    const plan_id = planId ?? PLAN;
    const call = { interaction_id: interactionId };
    const disclosed = await this.#post('/v1/disclosures', {
      ...call,
      customer_id: customerId,
      plan_id,
      language,
    });
    const consented = await this.#post('/v1/consents', {
      ...call,
      disclosure_id: disclosed['disclosure_id'],
      key_pressed: '1',
    });
    const token = await this.#tokenise(interactionId, customerId, APPROVED_CARD.join(''));
    const enrolled = await this.#post('/v1/subscriptions', {
      customer_id: customerId,
      payment_method_token: token['token_id'],
      plan_id,
      metadata: { ivr_session_id: interactionId },
      consent_id: consented['consent_id'],
    });
    approved(enrolled, 'the earlier enrolment');
    this.#subscriptionId = textIn(enrolled, 'subscription_id');
  }

  async change(place: CallPlace, verb: 'pause' | 'cancel'): Promise<void> {
    if (this.#subscriptionId === null) {
      throw new NotHere('there is no subscription; put "given the caller is subscribed" above it');
    }
    const { interactionId } = await this.#begin(place);
    const path = `/v1/subscriptions/${this.#subscriptionId}/${verb}`;
    approved(await this.#post(path, { interaction_id: interactionId }), `the earlier ${verb}`);
  }

  /** Cards that the issuer declined, each on a call of its own. */
  async decline(place: CallPlace, count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const { interactionId, customerId } = await this.#begin(place);
      const ending = DECLINED_ENDINGS[index % DECLINED_ENDINGS.length] ?? '0002';
      const pan = ['4000', '0000', '0000', ending].join('');
      await this.#tokenise(interactionId, customerId ?? 'customer-unknown', pan);
    }
  }

  /** Strangers whose cards were taken, slowly. */
  async openBreaker(): Promise<void> {
    for (let count = 0; count < SLOW_CALLS; count += 1) {
      const interactionId = this.#newCall();
      await this.#system.sandbox('POST', '/__sandbox/script', [
        { operation: 'tokenize', behave: `delay:${SLOW_MS}`, interaction_id: interactionId },
      ]);
      await this.#tokenise(interactionId, `customer-${interactionId}`, APPROVED_CARD.join(''));
    }
    const shown = await this.#system.done('bridge', 'GET', '/v1/switch', null, 'operator');
    if (shown['breaker'] !== 'open')
      throw new NotHere('three slow calls have not opened the breaker');
  }

  #newCall(): string {
    return newId('earlier', this.#randomness).replace('_', '-');
  }

  #post(path: string, body: object): Promise<Readonly<Record<string, unknown>>> {
    return this.#system.done('bridge', 'POST', path, body);
  }

  /** The first two steps of every call. */
  async #begin({ ani }: CallPlace) {
    const interactionId = this.#newCall();
    const caller = { interaction_id: interactionId, ...(ani === '' ? {} : { ani }) };
    await this.#post('/v1/availability', caller);
    const found = await this.#post('/v1/subscribers/lookup', caller);
    const customerId = textIn(found, 'customer_id');
    const language = textIn(found, 'language');
    return {
      interactionId,
      customerId: customerId === '' ? null : customerId,
      language: language === '' ? 'en-us' : language,
    };
  }

  /** Where no card comes to Tokenline, by leave of the bridge and to the gateway itself. */
  async #direct(interactionId: string, customerId: string, pan: string) {
    const call = { interaction_id: interactionId };
    const begun = await this.#post('/v1/cards', { ...call, customer_id: customerId });
    if (begun['outcome'] !== 'pending') return begun;
    const operationId = textIn(begun, 'operation_id');
    const card = { pan, customerId, interactionId, operationId };
    const told = await sendCard(this.#dataActions(), card);
    return this.#post(`/v1/cards/${operationId}/finish`, { ...call, ...told });
  }

  #tokenise(interactionId: string, customerId: string, pan: string) {
    if (this.#system.origins.tokenizer === null) {
      return this.#direct(interactionId, customerId, pan);
    }
    return this.#system.done('tokenizer', 'POST', '/v1/tokens', {
      card_number: pan,
      cvv: '123',
      expiry_month: '12',
      expiry_year: '2034',
      customer_id: customerId,
      metadata: { interaction_id: interactionId, source: 'earlier' },
    });
  }
}

function approved(answer: Readonly<Record<string, unknown>>, what: string): void {
  if (answer['outcome'] === 'approved') return;
  throw new NotHere(
    `${what} was not approved: ${textIn(answer, 'outcome')} ${textIn(answer, 'error_code')}`,
  );
}
