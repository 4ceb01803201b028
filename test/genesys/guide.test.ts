import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { permissionsOf } from '../../src/genesys/calls.ts';
import { LOOKS } from '../../src/genesys/looks.ts';

const read = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const guide = read('docs/guides/genesys.md');

test('the guide lists every permission, and no other', () => {
  const looks = Object.values(LOOKS).flatMap(({ permissions }) => permissions);
  const wanted = new Set([...permissionsOf('read'), ...permissionsOf('write'), ...looks]);
  const listed = [...guide.matchAll(/`(\w+:\w+:\w+)`/g)].map(([, permission = '']) => permission);
  assert.deepEqual(new Set(listed), wanted);
});

test('the guide lists every finding of doctor', () => {
  const sources = ['digits', 'deployed'].map((part) => read(`src/cli/doctor-genesys-${part}.ts`));
  const findings = sources.flatMap((source) =>
    [...source.matchAll(/'(genesys\.[\w.]+)'/g)].map(([, check = '']) => check),
  );
  // A trunk that does not show its settings has a finding without a last word.
  const checks = new Set(findings.filter((check) => check !== 'genesys.trunks'));
  assert.ok(checks.size >= 13);
  for (const check of checks) assert.ok(guide.includes(`\`${check}\``), check);
});
