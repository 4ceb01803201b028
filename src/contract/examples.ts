import type { Body } from './schemas.ts';
import type * as schemas from './schemas.ts';
import type { ROUTES, RouteId } from './routes.ts';
import type { TObject } from 'typebox';

type BodyOf<T> = T extends TObject ? Body<T> : null;

/** For each route what is sent and what comes back. */
type Examples = {
  readonly [Id in RouteId]: {
    readonly request: BodyOf<(typeof ROUTES)[Id]['request']>;
    readonly answer: BodyOf<(typeof ROUTES)[Id]['answer']>;
  };
};

const interaction_id = 'b1f0c5de-7a49-4b1e-9d4f-6b1b6f9c2a10';
const subscription_id = 'sub_qwertyuiabcdefghijkm';
const operation_id = 'op_abcdefghijkmnpqrstuv';
const disclosure_id = 'dis_bcdefghijkmnpqrstuvw';
const consent_id = 'con_cdefghijkmnpqrstuvwx';
const token_id = 'tok_defghijkmnpqrstuvwxy';
const operation = { operation_id, error_code: '', retry_field: 'none' } as const;
const gateway_transaction_id = 'gtx_efghijkmnpqrstuvwxyz';
const going_on = { outcome: 'approved', route: 'continue' } as const;
const charge = { amount_text: '$29.99', next_charge_date: 'December 23, 2026' };

const subscriptionAnswer: Body<typeof schemas.SubscriptionAnswer> = {
  ...going_on,
  prompt: 'enrolled',
  prompt_text: 'You are enrolled. You pay $29.99 every month.',
  ...operation,
  subscription_id,
  status: 'active',
  confirmation_code: 'KQZTWM',
  ...charge,
  is_subscriber: true,
  gateway_transaction_id,
  status_code: 200,
};

const linkAnswer: Body<typeof schemas.LinkAnswer> = {
  outcome: 'pending',
  route: 'wait',
  prompt: 'link_sending',
  prompt_text: 'We are sending you a text message with a link to a secure page.',
  ...operation,
  attempts_left: 3,
  declines: 0,
  token_id: '',
  card_brand: '',
  card_last4: '',
  gateway: 'sandbox',
  gateway_transaction_id: '',
  status_code: 200,
};

const verb = { interaction_id, attempt: 1 };

const changed = (status: string, prompt: string, prompt_text: string) => ({
  ...subscriptionAnswer,
  status,
  prompt,
  prompt_text,
});

const switchAnswer: Body<typeof schemas.SwitchAnswer> = {
  ...going_on,
  prompt: 'available',
  prompt_text: 'Automated payments are available.',
  state: 'on',
  reason: 'The gateway is well again.',
  breaker: 'closed',
  since: '2026-11-23T12:00:00.000Z',
};

/**
 * An example of each route: the OpenAPI documents show them, and tests send them. The card is the
 * test number that gateways publish for an approval.
 */
export const EXAMPLES: Examples = {
  access_token: {
    request: { grant_type: 'client_credentials', scope: 'calls cards' },
    answer: {
      access_token: 'eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl',
      token_type: 'Bearer',
      expires_in: 600,
      scope: 'calls cards',
    },
  },
  availability: {
    request: { interaction_id, ani: 'tel:+13175550101', dnis: '+13175550100', language: 'en-us' },
    answer: {
      ...going_on,
      prompt: 'available',
      prompt_text: 'Automated payments are available.',
      reason: 'available',
      pay_link: 'off',
    },
  },
  lookup: {
    request: { interaction_id, ani: 'tel:+13175550101' },
    answer: {
      ...going_on,
      prompt: 'welcome_subscriber',
      prompt_text: 'Your subscription to Premium Monthly is active.',
      customer_id: 'CUST_8842',
      is_subscriber: true,
      subscription_id,
      plan_id: 'recurring_monthly_premium',
      plan_name: 'Premium Monthly',
      status: 'active',
      ...charge,
      card_brand: 'visa',
      card_last4: '4242',
      language: 'en-us',
    },
  },
  plans: {
    request: { interaction_id, language: 'en-us' },
    answer: {
      ...going_on,
      prompt: 'plans',
      prompt_text: 'These are our plans.',
      plan_ids: ['recurring_monthly_premium', 'recurring_yearly_premium'],
      plan_texts: ['Premium Monthly, $29.99 every month', 'Premium Yearly, $299.00 every year'],
      menu_text:
        'For Premium Monthly, $29.99 every month, press 1. For Premium Yearly, $299.00 every year, press 2.',
      plan_count: 2,
    },
  },
  disclose: {
    request: {
      interaction_id,
      customer_id: 'CUST_8842',
      plan_id: 'recurring_monthly_premium',
      language: 'en-us',
    },
    answer: {
      ...going_on,
      prompt: 'disclosure_follows',
      prompt_text: 'Please listen to the terms.',
      error_code: '',
      disclosure_id,
      disclosure_text: 'You pay $29.99 every month until you cancel. To agree, press 1.',
      amount_text: '$29.99',
    },
  },
  consent: {
    request: { interaction_id, disclosure_id, key_pressed: '1' },
    answer: {
      ...going_on,
      prompt: 'consent_given',
      prompt_text: 'Thank you.',
      error_code: '',
      consent_id,
    },
  },
  tokenise: {
    request: {
      card_number: '4242'.repeat(4),
      cvv: '123',
      expiry_month: '12',
      expiry_year: '2030',
      customer_id: 'CUST_8842',
      amount: 29.99,
      currency: 'USD',
      recurring_flag: true,
      metadata: { call_id: interaction_id, interaction_id, source: 'genesys_ivr' },
      postal_code: '46204',
      attempt: 1,
      language: 'en-us',
    },
    answer: {
      ...going_on,
      prompt: 'card_accepted',
      prompt_text: 'Your Visa card that ends in 4242 is accepted.',
      ...operation,
      attempts_left: 2,
      token_id,
      card_brand: 'visa',
      card_last4: '4242',
      gateway: 'sandbox',
      gateway_transaction_id,
      status_code: 200,
    },
  },
  create_link: {
    request: { interaction_id, customer_id: 'CUST_8842', consent_id, channel: 'sms', attempt: 1 },
    answer: linkAnswer,
  },
  read_link: {
    request: { interaction_id, declines_heard: 0 },
    answer: {
      ...linkAnswer,
      ...going_on,
      prompt: 'card_accepted',
      prompt_text: 'Thank you. We have your Visa card ending in 4242.',
      token_id,
      card_brand: 'visa',
      card_last4: '4242',
      gateway_transaction_id,
    },
  },
  cancel_link: {
    request: { interaction_id },
    answer: {
      ...linkAnswer,
      outcome: 'failed',
      route: 'agent',
      prompt: 'link_expired',
      prompt_text: 'The page was not finished in time, and nothing was charged.',
      error_code: 'link_expired',
    },
  },
  begin_card: {
    request: { interaction_id, customer_id: 'CUST_8842', attempt: 1, language: 'en-us' },
    answer: {
      outcome: 'pending',
      route: 'continue',
      prompt: 'available',
      prompt_text: 'You can set up and change your payments right here, with your keypad.',
      ...operation,
      attempts_left: 2,
      token_id: '',
      card_brand: '',
      card_last4: '',
      gateway: 'stripe',
      gateway_transaction_id: '',
      status_code: 0,
    },
  },
  finish_card: {
    request: { interaction_id, sent: 'success', token_reference: 'pm_JLkdIwHuAAixUEgbFdYF' },
    answer: {
      ...going_on,
      prompt: 'card_accepted',
      prompt_text: 'Your Visa card that ends in 4242 is accepted.',
      ...operation,
      attempts_left: 2,
      token_id,
      card_brand: 'visa',
      card_last4: '4242',
      gateway: 'stripe',
      gateway_transaction_id,
      status_code: 200,
    },
  },
  subscribe: {
    request: {
      customer_id: 'CUST_8842',
      payment_method_token: token_id,
      plan_id: 'recurring_monthly_premium',
      interval_count: 1,
      interval_unit: 'month',
      metadata: { ivr_session_id: interaction_id },
      consent_id,
      attempt: 1,
    },
    answer: subscriptionAnswer,
  },
  read_subscription: {
    request: null,
    answer: changed('active', 'subscription_status', 'Your subscription is active.'),
  },
  cancel: {
    request: verb,
    answer: {
      ...changed('cancelled', 'cancelled', 'Your subscription has ended.'),
      is_subscriber: false,
      next_charge_date: '',
    },
  },
  pause: {
    request: verb,
    answer: {
      ...changed('paused', 'paused', 'Your subscription is paused.'),
      next_charge_date: '',
    },
  },
  resume: {
    request: verb,
    answer: changed('active', 'resumed', 'Your subscription goes on.'),
  },
  change_plan: {
    request: { ...verb, plan_id: 'recurring_yearly_premium', consent_id },
    answer: {
      ...changed('active', 'plan_changed', 'Your plan is Premium Yearly now.'),
      amount_text: '$299.00',
    },
  },
  change_card: {
    request: { ...verb, payment_method_token: token_id },
    answer: changed('active', 'card_changed', 'We charge your new card from now on.'),
  },
  read_operation: {
    request: null,
    answer: {
      outcome: 'in_doubt',
      route: 'wait',
      prompt: 'still_working',
      prompt_text: 'One moment, please.',
      operation_id,
      kind: 'subscribe',
      error_code: 'in_doubt',
      retry_field: 'none',
      attempts_left: 0,
      token_id: '',
      card_brand: '',
      card_last4: '',
      gateway: 'sandbox',
      subscription_id: '',
      status: '',
      confirmation_code: '',
      next_charge_date: '',
      amount_text: '',
      is_subscriber: false,
      gateway_transaction_id: '',
      status_code: 0,
    },
  },
  hand_off: {
    request: {
      interaction_id,
      reason: 'too_many_attempts',
      last_error_code: 'cvv_mismatch',
      retry_count: 3,
    },
    answer: {
      outcome: 'approved',
      route: 'agent',
      prompt: 'agent_transfer',
      prompt_text: 'I am connecting you with a person.',
      queue: 'Payment_Support_Group',
      skill: 'Payments',
      priority: 5,
      agent_note: 'Three card attempts failed; the last one: security code.',
    },
  },
  webhook: { request: null, answer: null },
  read_switch: { request: null, answer: switchAnswer },
  set_switch: {
    request: { automated_payments: 'on', reason: 'The gateway is well again.' },
    answer: switchAnswer,
  },
  audit: {
    request: null,
    answer: {
      ...going_on,
      prompt: '',
      prompt_text: '',
      entries: [],
      checkpoints: [],
      links: [],
      public_keys: [],
      unsealed: 0,
    },
  },
  health: { request: null, answer: { status: 'ok' } },
  ready: { request: null, answer: { status: 'ready', capture: 'bridge' } },
  metrics: { request: null, answer: null },
  openapi: { request: null, answer: null },
};
