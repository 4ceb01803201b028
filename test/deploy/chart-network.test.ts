import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NetworkPolicyPeer, NetworkPolicyPort } from 'kubernetes-types/networking/v1.d.ts';
import { Rendered } from './chart.ts';

/** Who may reach whom, worked out from the policies as Kubernetes does. */

const sandbox = new Rendered('pay', '--values', 'values-sandbox.yaml');
const live = new Rendered('pay', '--values', 'values-live.yaml');

interface Rule {
  readonly peers?: readonly NetworkPolicyPeer[] | undefined;
  readonly ports?: readonly NetworkPolicyPort[] | undefined;
}

type Labels = Readonly<Record<string, string>>;

function labelsOf(rendered: Rendered, role: string): Labels {
  return rendered.one('Deployment', `-${role}`).spec?.template.metadata?.labels ?? {};
}

function selects(selector: { matchLabels?: Labels } | undefined, labels: Labels): boolean {
  return Object.entries(selector?.matchLabels ?? {}).every(
    ([name, value]) => labels[name] === value,
  );
}

/** Rules for a role's pods: of every policy that selects them. */
function rulesOf(rendered: Rendered, role: string, way: 'ingress' | 'egress'): Rule[] {
  const labels = labelsOf(rendered, role);
  const type = way === 'ingress' ? 'Ingress' : 'Egress';
  const held = rendered
    .all('NetworkPolicy')
    .filter(({ spec }) => selects(spec?.podSelector, labels) && spec?.policyTypes?.includes(type));
  assert.ok(held.length > 0, `nothing is denied to ${role}`);
  return held.flatMap(({ spec }): Rule[] =>
    way === 'ingress'
      ? (spec?.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
      : (spec?.egress ?? []).map(({ to, ports }) => ({ peers: to, ports })),
  );
}

function lets(rules: readonly Rule[], labels: Labels, port: number): boolean {
  return rules.some(
    ({ peers, ports }) =>
      (ports === undefined || ports.some((one) => one.port === port)) &&
      (peers === undefined ||
        peers.some(
          ({ podSelector, namespaceSelector }) =>
            podSelector !== undefined &&
            namespaceSelector === undefined &&
            selects(podSelector, labels),
        )),
  );
}

/** Both ends have to let it through. */
function reaches(rendered: Rendered, from: string, to: string, port: number): boolean {
  return (
    lets(rulesOf(rendered, from, 'egress'), labelsOf(rendered, to), port) &&
    lets(rulesOf(rendered, to, 'ingress'), labelsOf(rendered, from), port)
  );
}

const PORTS: readonly (readonly [role: string, port: number])[] = [
  ['bridge', 8080],
  ['bridge', 9443],
  ['tokenizer', 8081],
  ['sandbox', 8082],
  ['line', 8083],
];

function waysOf(rendered: Rendered): string[] {
  const roles = rendered.pods.map(([role]) => role);
  return roles
    .flatMap((from) =>
      PORTS.filter(([to, port]) => roles.includes(to) && reaches(rendered, from, to, port)).map(
        ([to, port]) => `${from} → ${to}:${port}`,
      ),
    )
    .sort();
}

describe('the network', () => {
  test('in live mode, has one way between our pods', () => {
    assert.deepEqual(waysOf(live), ['tokenizer → bridge:9443']);
  });

  test('in sandbox mode, has the ways that the sandbox and the softphone need', () => {
    assert.deepEqual(waysOf(sandbox), [
      'bridge → sandbox:8082',
      'line → bridge:8080',
      'line → sandbox:8082',
      'line → tokenizer:8081',
      'sandbox → bridge:8080',
      'tokenizer → bridge:9443',
      'tokenizer → sandbox:8082',
    ]);
  });

  test('has no rule without peers or without ports: it would let everything through', () => {
    for (const rendered of [sandbox, live]) {
      for (const [role] of rendered.pods) {
        for (const way of ['ingress', 'egress'] as const) {
          for (const { peers, ports } of rulesOf(rendered, role, way)) {
            assert.ok((peers ?? []).length > 0 && (ports ?? []).length > 0, `${role}, ${way}`);
          }
        }
      }
    }
  });

  test('leads the card process to names, the bridge’s line and the gateway, and not to the database', () => {
    const rules = rulesOf(live, 'tokenizer', 'egress');
    const ports = rules.flatMap((rule) => (rule.ports ?? []).map(({ port }) => Number(port)));
    assert.deepEqual(
      ports.sort((a, b) => a - b),
      [53, 53, 443, 9443],
    );
    const blocks = rules.flatMap(({ peers }) =>
      (peers ?? []).flatMap(({ ipBlock }) => ipBlock ?? []),
    );
    assert.equal(blocks.length, 1);
    // RFC 1918 §3, RFC 6598 §7, and the link-local addresses where clouds hand out credentials.
    for (const own of [
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '100.64.0.0/10',
      '169.254.0.0/16',
    ])
      assert.ok(blocks[0]?.except?.includes(own), own);
    const bridge = rulesOf(live, 'bridge', 'egress');
    assert.ok(bridge.some((rule) => rule.ports?.some(({ port }) => port === 5432)));
  });

  test('lets nobody call from outside until somebody is named', () => {
    for (const role of ['bridge', 'tokenizer']) {
      const outside = (rendered: Rendered): number =>
        rulesOf(rendered, role, 'ingress').filter(({ peers }) => peers?.some((one) => one.ipBlock))
          .length;
      assert.equal(outside(sandbox), 0);
      assert.equal(outside(live), 1);
    }
  });

  test('never publishes the line, the sandbox or the softphone', () => {
    for (const rendered of [sandbox, live]) {
      for (const { metadata, spec } of rendered.all('Service')) {
        const open = /-(?:bridge|tokenizer)$/.test(metadata.name);
        if (!open) assert.equal(spec?.type, 'ClusterIP', metadata.name);
      }
    }
    const published = live.all('Service').filter(({ spec }) => spec?.type === 'LoadBalancer');
    assert.equal(published.length, 2);
    for (const { spec } of published) {
      assert.equal(spec?.externalTrafficPolicy, 'Local');
      assert.ok(!spec.ports?.some(({ port }) => port === 9443));
    }
  });
});
