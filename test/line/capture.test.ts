import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { HttpDataActions } from '../../src/line/data-action.ts';
import { integrationIn, readIntegration } from '../../src/line/data-action-file.ts';
import { systemClock } from '../../src/system/clock.ts';
import { openHttpClient } from '../../src/system/wire.ts';
import { digitsIn } from '../conformance/digits.ts';
import { seededRandomness } from '../randomness.ts';
import { start } from '../tokenizer/running-tokenizer.ts';
import { serving } from './data-action-world.ts';
import { faultOf, flowThat, playing } from './playing.ts';

const PAN = '4000056655665556';

const ask = (variable: string, digits: string): string => `
- collectInput:
    name: Ask
    inputData: {var: ${variable}}
    digits: ${digits}
    inputAudio: {tts: key it}
    verificationType: none`;

const FLOW = `
${ask('Flow.Pan', "{range: {min: 12, max: 19, terminatingDtmf: 'digit_#'}}")}
${ask('Flow.Expiry', '{exact: 4}')}
${ask('Flow.Cvv', '{exact: 3}')}
- callDataSecure:
    name: Tokenise
    timeout: {lit: {seconds: 17}}
    category:
      Tokenline:
        dataAction:
          Tokenline Tokenise Card:
            inputs:
              card_number: {exp: Flow.Pan}
              cvv: {exp: Flow.Cvv}
              expiry_month: {exp: 'Left(Flow.Expiry, 2)'}
              expiry_year: {exp: 'Right(Flow.Expiry, 2)'}
              customer_id: {lit: cus-alpha}
              interaction_id: {exp: Call.ConversationId}
              source: {lit: ivr}
              attempt: {lit: 1}
              language: {exp: Call.Language}
              postal_code: {noValue: true}
            successOutputs: {outcome: {var: Flow.Outcome}, route: {var: Flow.Route}}
    outputs:
      success: {actions: [{setParticipantData: {name: S, attributes: [{attribute: {name: {lit: outcome}, value: {exp: 'Append(Flow.Outcome, " ", Flow.Route)'}}}]}}]}
      failure: {actions: [{setParticipantData: {name: F, attributes: [{attribute: {name: {lit: outcome}, value: {lit: failure}}}]}}]}
- disconnect: {name: D}`;

const VARIABLES = ['Flow.Pan', 'Flow.Expiry', 'Flow.Cvv']
  .map((name) => `- stringVariable: {name: ${name}, initialValue: {noValue: true}, isSecure: true}`)
  .join('\n');

test('a card goes key by key from the telephone to the gateway, and no digit of it is told', async (t) => {
  const world = await start(t);
  const bearer = await world.bridge.token();
  const login = await serving(t, () => [
    200,
    JSON.stringify({ access_token: bearer, token_type: 'Bearer' }),
  ]);
  const files = readIntegration(integrationIn('genesys/data-actions'), {
    TOKENLINE_TOKENIZER_URL: `http://127.0.0.1:${world.running.port}`,
    TOKENLINE_BRIDGE_URL: world.bridge.origin,
  });
  const dataActions = new HttpDataActions({
    category: 'Tokenline',
    files,
    credentials: { loginUrl: `${login.origin}/oauth/token`, clientId: 'a', clientSecret: 'b' },
    clock: systemClock,
    randomness: seededRandomness(3),
    connect: (origin) => openHttpClient({ origin }, systemClock),
  });
  t.after(() => dataActions.close());
  const flow = flowThat(FLOW, { type: 'secureCall', variables: VARIABLES });
  const call = playing(flow, { dataActions });
  for (const keys of [`${PAN}#`, '1230', '737']) {
    await call.clock.advance(1100);
    call.telephone.press(keys);
  }
  await call.clock.advance(0);
  const end = await call.call;
  assert.equal(faultOf(end), '');
  assert.deepEqual(end.participantData, { outcome: 'approved continue' });
  const [sent] = world.gateway.calls;
  assert.ok(sent?.text.includes(PAN));
  const [begin] = world.bridge.begins;
  assert.ok(begin);
  assert.deepEqual(digitsIn(inspect([call.events, end, begin], { depth: 9 }), PAN), []);
  assert.deepEqual(digitsIn(login.got.map((got) => inspect(got)).join(), PAN), []);
});
