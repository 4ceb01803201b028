import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { BrowserTelephone } from '../../../src/line/browser/browser-telephone.ts';
import { readFromPage, type ToPage } from '../../../src/line/browser/messages.ts';
import { Clips } from '../../../src/line/speech/clips.ts';
import { Playback } from '../../../src/line/speech/playback.ts';
import { RecordedPrompts } from '../../../src/line/speech/recorded.ts';
import { ManualClock } from '../../clock.ts';
import { telephoneConformance, type TelephoneRig } from '../../conformance/telephone.ts';

const SOUND_MS = 1000;

/** Both ends have seen everything that was sent before. */
async function roundTrip(page: WebSocket, line: WebSocket): Promise<void> {
  for (const end of [page, line, page]) {
    if (end.readyState !== end.OPEN) return;
    const answered = once(end, 'pong');
    end.ping();
    await answered;
  }
}

/** A page as the softphone's is: it plays what it is sent and says when it was heard. */
function playAsPageDoes(page: WebSocket, clock: ManualClock): void {
  const playing = new Map<number, { cancel(): void }>();
  page.on('message', (data: RawData) => {
    const message = JSON.parse((data as Buffer).toString('utf8')) as ToPage;
    if (message.type === 'stop') playing.get(message.id)?.cancel();
    if (message.type !== 'play') return;
    const { id, pieces } = message;
    const lengths = pieces.map((piece) => (piece.kind === 'silence' ? piece.durationMs : 0));
    const durationMs = lengths.reduce((sum, ms) => sum + ms, 0);
    const heard = (): void => page.send(JSON.stringify({ type: 'heard', id }));
    playing.set(id, clock.after(durationMs, heard));
  });
}

async function openRig(): Promise<TelephoneRig> {
  const clock = new ManualClock();
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connected = once(server, 'connection');
  const page = new WebSocket(`ws://127.0.0.1:${port}/phone/line`);
  const [line] = (await connected) as [WebSocket];
  const playback = new Playback(() => null, new Clips([], null), new RecordedPrompts('/nowhere'));
  const send = (message: ToPage): void => line.send(JSON.stringify(message));
  const telephone = new BrowserTelephone({ clock, playback, send, agents: true });
  line.on('message', (data: RawData, isBinary: boolean) => {
    const bytes = data as Buffer;
    if (isBinary) return void telephone.keyed(bytes[0] ?? 0);
    const message = readFromPage(bytes.toString('utf8'));
    if (message?.type === 'say') telephone.said(message.text);
    if (message?.type === 'heard') telephone.heard(message.id);
  });
  line.on('close', () => telephone.left());
  await once(page, 'open');
  playAsPageDoes(page, clock);
  const settled = (): Promise<void> => roundTrip(page, line);
  return {
    telephone,
    async press(keys) {
      for (const key of keys) page.send(Buffer.from(key, 'latin1'));
      await settled();
    },
    async say(words) {
      page.send(JSON.stringify({ type: 'say', text: words }));
      await settled();
    },
    async walkAway() {
      const gone = telephone.whenEnded;
      page.close();
      await gone;
    },
    async pass(durationMs) {
      await settled();
      await clock.advance(durationMs);
      await settled();
    },
    sound: { kind: 'silence', durationMs: SOUND_MS },
    soundMs: SOUND_MS,
    async close() {
      page.terminate();
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

telephoneConformance('a browser over its WebSocket', openRig);

/** A telephone whose page says nothing by itself. */
function silentPage() {
  const clock = new ManualClock();
  const playback = new Playback(() => null, new Clips([], null), new RecordedPrompts('/nowhere'));
  const telephone = new BrowserTelephone({ clock, playback, send: () => undefined, agents: true });
  const sound = { kind: 'silence', durationMs: SOUND_MS } as const;
  const told: string[] = [];
  const play = (): void =>
    void telephone
      .play([sound], { bargeIn: false, listening: false })
      .then((how) => told.push(how));
  return { clock, telephone, play, told };
}

test('a page cannot have heard what has not been sent yet', async () => {
  const { clock, telephone, play, told } = silentPage();
  telephone.heard(1);
  play();
  await clock.advance(SOUND_MS);
  assert.deepEqual(told, []);
  telephone.heard(1);
  await clock.advance(0);
  assert.deepEqual(told, ['heard']);
});

test('a page that never says that it heard something does not hold up the call', async () => {
  const { clock, play, told } = silentPage();
  play();
  await clock.advance(SOUND_MS + 7_999);
  assert.deepEqual(told, []);
  await clock.advance(1);
  assert.deepEqual(told, ['heard']);
});
