import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flowThat, playing } from './playing.ts';

const say = (text: string): string => `- playAudio: {name: ${text}, audio: {tts: ${text}}}`;

test('actions are played in order, and what is not ended is disconnected', async () => {
  const call = playing(flowThat([say('one'), say('two')].join('\n')));
  const end = await call.end();
  assert.deepEqual(call.heard(), ['one', 'two']);
  assert.equal(end.how.kind, 'disconnected');
  assert.match(
    end.how.kind === 'disconnected' ? (end.how.fault?.message ?? '') : '',
    /came to the end/,
  );
  assert.equal(call.telephone.endedBy, 'flow');
});
