import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { captureFiles } from '../../src/contract/capture-files.ts';
import { fileNameOf } from '../../src/contract/data-action.ts';
import { readFlowNames } from '../../src/genesys/flow-text.ts';
import { gatewayIntegrations } from '../../src/cli/send-card-actions.ts';
import { EXAMPLES } from '../../src/contract/examples.ts';
import { rendered } from '../../src/line/data-action-template.ts';
import { CAPTURE_MODES } from '../../src/payment/capture.ts';
import { problemOf, runApi } from './running-api.ts';

const INPUT = {
  card_number: '4242'.repeat(4),
  cvv: '123',
  expiry_month: '12',
  expiry_year: '34',
  customer_id: 'CUST_8842',
  interaction_id: 'call-one',
  operation_id: 'op_aaaaaaaaaaaaaaaaaaaa',
};

const bodyOf = (kind: 'stripe' | 'rest', input: Record<string, string>): string =>
  rendered(gatewayIntegrations()[kind].action.config.request.requestTemplate, { input });

test('Stripe gets a form, as its adapter sends it', () => {
  const form = new URLSearchParams(bodyOf('stripe', INPUT));
  assert.deepEqual(Object.fromEntries(form), {
    type: 'card',
    'card[number]': INPUT.card_number,
    'card[cvc]': '123',
    'card[exp_month]': '12',
    'card[exp_year]': '34',
    'metadata[tokenline_operation_id]': INPUT.operation_id,
    'metadata[tokenline_interaction_id]': 'call-one',
  });
  const postal = new URLSearchParams(bodyOf('stripe', { ...INPUT, postal_code: '46204' }));
  assert.equal(postal.get('billing_details[address][postal_code]'), '46204');
});

test('any other gateway gets the guide’s payload with our operation in it', () => {
  const body = JSON.parse(bodyOf('rest', { ...INPUT, postal_code: '46204' })) as unknown;
  assert.deepEqual(body, {
    card_number: INPUT.card_number,
    cvv: '123',
    expiry_month: '12',
    expiry_year: '34',
    customer_id: 'CUST_8842',
    recurring_flag: true,
    metadata: {
      call_id: 'call-one',
      interaction_id: 'call-one',
      operation_id: INPUT.operation_id,
      source: 'ivr_payment_flow',
    },
    postal_code: '46204',
  });
  assert.equal('postal_code' in (JSON.parse(bodyOf('rest', INPUT)) as object), false);
});

test('a value of a flow stays a value, whatever is in it', () => {
  const strange = { ...INPUT, customer_id: '"},"x":{"', interaction_id: 'a&card[number]=1' };
  const body = JSON.parse(bodyOf('rest', strange)) as Record<string, unknown>;
  assert.equal(body['customer_id'], strange.customer_id);
  const form = new URLSearchParams(bodyOf('stripe', strange));
  assert.deepEqual(form.getAll('card[number]'), [INPUT.card_number]);
});

test('digits and secrets stand in the body and in headers of their own, and nowhere else', () => {
  for (const { action } of Object.values(gatewayIntegrations())) {
    const { requestUrlTemplate, headers } = action.config.request;
    assert.match(requestUrlTemplate, /^\{\{TOKENLINE_GATEWAY_URL\}\}\/v1\/\w+$/);
    assert.equal(action.secure, true);
    assert.equal(headers['Idempotency-Key'], '${input.operation_id}');
    const head = JSON.stringify(headers);
    assert.doesNotMatch(head, /card_number|cvv|expiry/);
    assert.doesNotMatch(action.config.request.requestTemplate, /credentials|authResponse/);
  }
});

test('each way of capture has its flows and data actions, and they are there', () => {
  for (const mode of CAPTURE_MODES) {
    for (const gateway of ['sandbox', 'stripe', 'rest']) {
      const { flows, integrations } = captureFiles(mode, gateway);
      const paths = [...flows, ...integrations.flatMap(({ actions }) => actions)];
      for (const path of paths) assert.ok(existsSync(`genesys/${path}`), path);
      // A flow is not published while something that it names is not there.
      const deployed = integrations.flatMap(({ actions }) => actions).map((path) => basename(path));
      const used = flows
        .flatMap((flow) => readFlowNames(readFileSync(`genesys/${flow}`, 'utf8')).uses)
        .filter(({ kind }) => kind === 'data action');
      for (const { name } of used) assert.ok(deployed.includes(fileNameOf({ name })), name);
    }
  }
  const actionsOf = (mode: (typeof CAPTURE_MODES)[number], gateway: string): string[] =>
    captureFiles(mode, gateway).integrations.flatMap(({ actions }) => [...actions]);
  const tokenise = 'data-actions/tokenline-tokenise-card.custom.json';
  assert.ok(actionsOf('bridge', 'stripe').includes(tokenise));
  const direct = actionsOf('direct', 'stripe');
  assert.ok(!direct.includes(tokenise));
  assert.deepEqual(
    direct.filter((path) => path.startsWith('direct/')),
    [
      'direct/data-actions/tokenline-begin-card.custom.json',
      'direct/data-actions/tokenline-finish-card.custom.json',
      'direct/data-actions/stripe/tokenline-send-card.custom.json',
    ],
  );
  assert.deepEqual(
    captureFiles('direct', 'paypal').integrations.map(({ category }) => category),
    ['Tokenline'],
    'PayPal is refused at start',
  );
});

test('of the flows for direct, everything but the task that sends the card is the other ones’ text', () => {
  const tasks = (text: string): string[] => text.split(/^(?= {4}- task:$)/m);
  for (const name of ['card-capture.yaml', 'card-capture-agent.yaml']) {
    const [bridge, direct] = ['flows', 'direct/flows'].map((folder) =>
      tasks(readFileSync(`genesys/${folder}/${name}`, 'utf8')),
    );
    assert.equal(direct?.length, bridge?.length);
    const other = direct?.filter((text, index) => text !== bridge?.[index]) ?? [];
    // The head, the comment before the task, and the task.
    assert.deepEqual(
      other.map((text) => /name: (.*)/.exec(text)?.[1]),
      [/name: (.*)/.exec(direct?.[0] ?? '')?.[1], 'Nothing Came', 'Tokenise'],
    );
    assert.doesNotMatch(direct?.join('') ?? '', /Tokenise Card/);
  }
});

test('the routes of direct are there with direct, and with no other way of capture', async (t) => {
  for (const capture of CAPTURE_MODES) {
    const api = await runApi(t, {}, {}, { capture });
    const answer = await api.send('/v1/cards', { body: EXAMPLES.begin_card.request });
    assert.equal(answer.status, capture === 'direct' ? 200 : 404, capture);
    if (capture !== 'direct') assert.equal((await problemOf(answer)).code, 'unknown_route');
  }
});
