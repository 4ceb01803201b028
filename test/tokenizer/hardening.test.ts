import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  judgeProcess,
  readProcessFacts,
  type ProcessFacts,
} from '../../src/tokenizer/hardening.ts';

const SOUND: ProcessFacts = {
  execArgv: [],
  environment: ['PATH=/usr/bin', 'MALLOC_PERTURB_=165'],
  coreLimit: '0',
  swapInUse: false,
  libc: 'glibc',
  otherAllocator: false,
};

test('a process that was started as it should be has nothing to be told', () => {
  assert.deepEqual(judgeProcess(SOUND), { refusals: [], weaknesses: [] });
  assert.deepEqual(judgeProcess({ ...SOUND, execArgv: ['--max-old-space-size=256'] }).refusals, []);
});

test('flags that open the heap, write it down, or write TLS keys are refused by name', () => {
  const flags = [
    '--inspect',
    '--inspect=127.0.0.1:9229',
    '--inspect-brk',
    '--inspect_port=0',
    '--heapsnapshot-signal=SIGUSR2',
    '--heapsnapshot-near-heap-limit=1',
    '--heap-prof',
    '--report-on-fatalerror',
    '--report_signal=SIGUSR2',
    '--report-uncaught-exception',
    '--abort-on-uncaught-exception',
    '--tls-keylog=/tmp/secret-path',
    '--trace-tls',
  ];
  for (const flag of flags) {
    const { refusals } = judgeProcess({ ...SOUND, execArgv: [flag] });
    assert.equal(refusals.length, 1, flag);
    assert.ok(refusals[0]?.startsWith(`${flag.split('=')[0]}:`), refusals[0]);
    assert.doesNotMatch(refusals[0] ?? '', /secret-path/);
  }
});

test('variables that do the same are refused by name, and only where they say something', () => {
  for (const variable of [
    'NODE_OPTIONS',
    'NODE_DEBUG',
    'NODE_V8_COVERAGE',
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'SSLKEYLOGFILE',
  ]) {
    const judged = (value: string): readonly string[] => {
      const environment = [...(SOUND.environment ?? []), `${variable}=${value}`];
      return judgeProcess({ ...SOUND, environment }).refusals;
    };
    assert.equal(judged('a secret value').length, 1, variable);
    assert.ok(judged('a secret value')[0]?.startsWith(variable));
    assert.doesNotMatch(judged('a secret value')[0] ?? '', /a secret value/);
    assert.deepEqual(judged(''), []);
  }
});

test('what keeps copies alive is a weakness with advice, also where it cannot be known', () => {
  const weak = (facts: Partial<ProcessFacts>): string[] =>
    judgeProcess({ ...SOUND, ...facts }).weaknesses.map(({ check }) => check);
  assert.deepEqual(weak({ environment: ['PATH=/usr/bin'] }), ['malloc_perturb']);
  assert.deepEqual(weak({ environment: ['MALLOC_PERTURB_=0'] }), ['malloc_perturb']);
  assert.deepEqual(weak({ environment: null }), ['malloc_perturb']);
  assert.deepEqual(weak({ libc: 'musl' }), ['malloc_perturb']);
  assert.deepEqual(weak({ libc: null }), ['malloc_perturb']);
  assert.deepEqual(weak({ otherAllocator: true }), ['malloc_perturb']);
  assert.deepEqual(weak({ coreLimit: 'unlimited' }), ['core_limit']);
  assert.deepEqual(weak({ coreLimit: null }), ['core_limit']);
  assert.deepEqual(weak({ swapInUse: true }), ['swap']);
  assert.deepEqual(weak({ swapInUse: null }), ['swap']);
  for (const { advice } of judgeProcess({ ...SOUND, environment: null }).weaknesses) {
    assert.match(advice, /MALLOC_PERTURB_=165/);
  }
});

const PROC: Readonly<Record<string, string>> = {
  '/proc/self/environ': 'PATH=/usr/bin\0MALLOC_PERTURB_=165\0',
  '/proc/self/limits': [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max core file size        0                    unlimited            bytes     ',
  ].join('\n'),
  '/proc/swaps': 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n',
  '/proc/self/maps': '7f0-7f1 r-xp 0 00:00 1 /usr/lib/x86_64-linux-gnu/libc.so.6\n',
};

test('the facts are read from /proc', () => {
  const factsOf = (changes: Readonly<Record<string, string | null>> = {}): ProcessFacts =>
    readProcessFacts(['--x'], (path) => {
      const text = path in changes ? changes[path] : PROC[path];
      return text ?? null;
    });
  assert.deepEqual(factsOf(), { ...SOUND, execArgv: ['--x'] });
  const musl = '7f0-7f1 r-xp 0 00:00 1 /lib/ld-musl-x86_64.so.1\n';
  assert.equal(factsOf({ '/proc/self/maps': musl }).libc, 'musl');
  const jemalloc = `${PROC['/proc/self/maps']}7f2-7f3 r-xp 0 00:00 1 /usr/lib/libjemalloc.so.2\n`;
  assert.ok(factsOf({ '/proc/self/maps': jemalloc }).otherAllocator);
  const swaps = `${PROC['/proc/swaps']}/dev/sda2 partition 1 0 -2\n`;
  assert.equal(factsOf({ '/proc/swaps': swaps }).swapInUse, true);
  const nothing = readProcessFacts([], () => null);
  assert.deepEqual(
    [nothing.environment, nothing.coreLimit, nothing.swapInUse, nothing.libc],
    [null, null, null, null],
  );
});
