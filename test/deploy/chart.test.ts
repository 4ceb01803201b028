import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ROLES } from '../../src/cli/banner.ts';
import { loadPrompts, BUILT_IN_PROMPTS } from '../../src/cli/prompts.ts';
import { bridgeSettings, tokenizerSettings } from '../../src/cli/settings.ts';
import { ROUTES } from '../../src/contract/routes.ts';
import { loadConfig, type Config } from '../../src/system/config.ts';
import { SECRET_KEYS } from '../../src/system/config-file.ts';
import { ConfigError } from '../../src/system/yaml-file.ts';
import {
  againstKubernetes,
  containerOf,
  containersOf,
  groundOf,
  helm,
  readChart,
  Rendered,
  secretFiles,
  type Manifest,
} from './chart.ts';
import { readCompose } from './compose.ts';
import { placesOf, SECRETS as LIVE_SECRETS } from './live-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'deploy-chart-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const sandbox = new Rendered('pay', '--values', 'values-sandbox.yaml');
const live = new Rendered('pay', '--values', 'values-live.yaml');
/** As the chart comes, under its own name. */
const plain = new Rendered('tokenline');
const ALL = { sandbox, live, plain };

const SECRETS = { ...LIVE_SECRETS, bearer: 'a-bearer-of-acme\n' };
function configOf(rendered: Rendered, role: string, container = role): Config {
  const where = join(folder, `${rendered.release}-${role}`);
  const { file, env } = groundOf(rendered, rendered.pod(role), container, where, SECRETS);
  assert.equal(file, join(where, 'tokenline.yaml'));
  const config = loadConfig(file, env);
  assert.deepEqual(config.warnings, [], `${role} sets a variable that means nothing`);
  return config;
}

const prompts = loadPrompts(BUILT_IN_PROMPTS);
describe('Helm', () => {
  test('finds nothing in the chart that it warns of', () => {
    for (const values of ['values.yaml', 'values-sandbox.yaml', 'values-live.yaml']) {
      const { status, text } = helm('lint', '.', '--strict', '--values', values);
      assert.equal(status, 0, text);
    }
  });

  test('refuses values that would be dangerous, or mean nothing', () => {
    const refused: readonly (readonly [string, RegExp])[] = [
      ['configuration.gateway.api_key=abc', /api_key/],
      ['configuration.clients[0].secret=abc', /secret/],
      ['configuration.mode=live', /mode/],
      ['mode=live', /missing propert/],
      ['mode=test', /mode/],
      ['networkPolicy.database.to=null', /database/],
      ['networkPolicy.gateway[0].ports=null', /ports/],
      ['tokenizer.resources.limits.memory=1Gi', /swap/],
      ['images.bridge=tokenline-bridge', /images\/bridge/],
      ['bridge.replica=4', /replica/],
      ['files.tokenline\\.yaml=abc', /tokenline\.yaml/],
    ];
    for (const [set, reason] of refused) {
      const { status, text } = helm('template', 'pay', '.', '--set', set);
      assert.notEqual(status, 0, `${set} is taken`);
      assert.match(text, reason);
    }
  });

  test('the values may name exactly the secrets that the configuration does not take there', () => {
    const schema = JSON.parse(readChart('values.schema.json')) as {
      definitions: { withoutSecrets: { propertyNames: { not: { enum: string[] } } } };
    };
    const listed = schema.definitions.withoutSecrets.propertyNames.not.enum;
    assert.deepEqual([...listed].sort(), [...SECRET_KEYS].sort());
  });
});

test('every manifest is one that Kubernetes knows, field by field', () => {
  for (const [name, rendered] of Object.entries(ALL)) {
    assert.ok(rendered.manifests.length >= 10);
    assert.equal(againstKubernetes(rendered.manifests, join(folder, name)), '');
  }
  const text = JSON.stringify(live.one('Deployment', '-bridge'));
  const planted = JSON.parse(text.replace('imagePullPolicy', 'imagePolicy')) as Manifest;
  assert.match(againstKubernetes([planted], join(folder, 'planted')), /imagePolicy/);
});

for (const [name, rendered] of Object.entries(ALL)) {
  describe(`the pods of ${name}`, () => {
    test('are of the roles of their mode', () => {
      const roles = rendered.pods.map(([role]) => role).sort();
      const wanted = name === 'live' ? ['bridge', 'tokenizer'] : [...ROLES].sort();
      assert.deepEqual(roles, wanted);
    });

    test('may do what Kubernetes’ Pod Security Standard "restricted" lets them, and no more', () => {
      for (const [role, pod] of rendered.pods) {
        const { runAsNonRoot, runAsUser, seccompProfile } = pod.securityContext ?? {};
        assert.deepEqual([runAsNonRoot, runAsUser], [true, 1000], role);
        assert.deepEqual(seccompProfile, { type: 'RuntimeDefault' }, role);
        for (const open of ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const)
          assert.equal(pod[open], undefined, role);
        for (const { name: container, securityContext } of containersOf(pod)) {
          const wanted = {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          };
          assert.deepEqual(securityContext, wanted, `${role}/${container}`);
        }
      }
    });

    test('have no account of the cluster and no variables that Kubernetes makes up', () => {
      for (const [role, pod] of rendered.pods) {
        assert.equal(pod.automountServiceAccountToken, false, role);
        assert.equal(pod.enableServiceLinks, false, role);
      }
    });

    test('have no disk but memory, and nothing of the node', () => {
      for (const [role, pod] of rendered.pods) {
        for (const volume of pod.volumes ?? []) {
          const { name: _, ...kind } = volume;
          const [what = ''] = Object.keys(kind);
          assert.ok(['configMap', 'projected', 'emptyDir'].includes(what), `${role}: ${what}`);
          if (volume.emptyDir === undefined) continue;
          assert.equal(volume.emptyDir.medium, 'Memory', role);
          assert.ok(volume.emptyDir.sizeLimit, role);
        }
      }
    });

    test('have resources, a time to end in, and an image of their own', () => {
      const images = Object.values(readCompose('compose.yaml').services).map(({ image }) => image);
      for (const [role, pod] of rendered.pods) {
        // Before anything else: 5 s in preStop, then the 27 s of a request.
        assert.ok((pod.terminationGracePeriodSeconds ?? 0) >= 5 + 27 + 20, role);
        for (const { resources, image = '' } of containersOf(pod)) {
          assert.ok(resources?.requests?.['cpu'] && resources.limits?.['memory'], role);
          const short = image.split('/').at(-1);
          assert.ok(images.includes(short), `${image} is not what deploy/docker builds`);
        }
      }
    });

    test('are asked how they are where they answer, by the protocol that they speak', () => {
      const paths = [ROUTES.health.path, ROUTES.ready.path] as string[];
      for (const [role, pod] of rendered.pods) {
        const container = containerOf(pod, role);
        const { startupProbe, livenessProbe, readinessProbe, ports = [] } = container;
        for (const probe of [startupProbe, livenessProbe, readinessProbe]) {
          assert.ok(probe?.httpGet, role);
          assert.ok(paths.includes(probe.httpGet.path ?? ''), role);
          assert.equal(probe.httpGet.scheme, name === 'live' ? 'HTTPS' : 'HTTP', role);
          assert.equal(probe.httpGet.port, ports[0]?.name, role);
        }
        // A process that waits for the database, or for the bridge, is not to be killed for it.
        assert.equal(livenessProbe?.httpGet?.path, ROUTES.health.path, role);
        const asks = ['bridge', 'tokenizer'].includes(role) ? ROUTES.ready : ROUTES.health;
        assert.equal(readinessProbe?.httpGet?.path, asks.path, role);
      }
    });

    test('get every secret as a file from a Secret, and none is in the chart', () => {
      assert.ok(!rendered.manifests.some(({ kind }) => kind === 'Secret'));
      for (const [role, pod] of rendered.pods) {
        const secrets = pod.volumes?.find((volume) => volume.name === 'secrets');
        // Decimal for 0440: what system/keys.ts takes of a file of root's.
        assert.equal(secrets?.projected?.defaultMode, 0o440, role);
        const files = secretFiles(secrets);
        for (const container of containersOf(pod)) {
          for (const { name: variable, value = '' } of container.env ?? []) {
            assert.ok(
              !/SECRET|CREDENTIAL|API_KEY|DATABASE_URL|PASSWORD/.test(variable) ||
                variable.endsWith('_FILE'),
            );
            const file = /^\/run\/secrets\/(.+)$/.exec(value)?.[1];
            assert.ok(file === undefined || files.has(file), `${role}: ${value} is nowhere`);
          }
        }
        const database = [...files.keys()].includes('database_url');
        assert.equal(database, role === 'bridge', `${role} and the database`);
      }
    });
  });
}

describe('the configuration of the pods', () => {
  test('in sandbox mode, is one that each starts with', () => {
    for (const role of ['sandbox', 'line']) configOf(sandbox, role);
    const bridge = configOf(sandbox, 'bridge');
    const told = bridgeSettings(bridge, placesOf(bridge), prompts);
    assert.deepEqual(told.api.internal, { host: '0.0.0.0', port: 9443, tls: null });
    assert.equal(told.gateway.url, 'http://pay-tokenline-sandbox:8082');
    assert.equal(told.ledger.checkpointFile, null, 'checkpoints go with the log');
    const card = configOf(sandbox, 'tokenizer', 'settings');
    const settings = tokenizerSettings(card, placesOf(card), prompts);
    assert.equal(settings.internal.origin, 'http://pay-tokenline-bridge-line:9443');
    assert.equal(settings.listen.host, '0.0.0.0');
  });

  test('in live mode, has TLS everywhere and one credential on both ends', () => {
    const bridge = configOf(live, 'bridge');
    const card = configOf(live, 'tokenizer', 'settings');
    assert.deepEqual([bridge.mode, card.mode], ['live', 'live']);
    const told = bridgeSettings(bridge, placesOf(bridge), prompts);
    const settings = tokenizerSettings(card, placesOf(card), prompts);
    assert.ok('tls' in told.api.internal && told.api.internal.tls !== null);
    assert.ok(told.api.listen.tls !== null && settings.listen.tls !== null);
    assert.equal(settings.internal.origin, 'https://pay-tokenline-bridge-line:9443');
    assert.equal(settings.internal.ca, 'PEM of an authority');
    assert.equal(settings.internal.credential, told.api.internalCredential);
  });

  test('has the ports of the containers, and the names and ports of the Services', () => {
    const config = configOf(sandbox, 'line');
    const named = new Map(
      sandbox.all('Service').map(({ metadata, spec }) => [metadata.name, spec?.ports?.[0]?.port]),
    );
    assert.deepEqual(Object.fromEntries(named), {
      'pay-tokenline-bridge': config.bridge.port,
      'pay-tokenline-bridge-line': 9443,
      'pay-tokenline-tokenizer': config.tokenizer.port,
      'pay-tokenline-sandbox': config.sandbox.port,
      'pay-tokenline-line': config.line.port,
    });
    for (const { host, port } of [config.bridge, config.tokenizer, config.sandbox])
      assert.equal(named.get(host), port);
    for (const { metadata, spec } of sandbox.all('Service')) {
      const role = metadata.labels?.['app.kubernetes.io/component'] ?? '';
      const [port] = spec?.ports ?? [];
      const ports = containerOf(sandbox.pod(role), role).ports ?? [];
      const target = ports.find((one) => one.name === port?.targetPort);
      assert.equal(target?.containerPort, port?.port, metadata.name);
    }
  });

  test('may have files beside it: prompts, and the mapping of a gateway', () => {
    const mapping = join(folder, 'acme.yaml');
    writeFileSync(
      mapping,
      "authorization: bearer\napi_key_header: null\nheaders: [{ name: Acme-Version, value: '7' }]\n",
    );
    const variable = 'TOKENLINE_GATEWAY_BEARER_TOKEN_FILE';
    const secret = JSON.stringify([{ file: 'bearer', variable, name: 'acme', key: 'token' }]);
    const given = ['en-us', 'es-us'].flatMap((language) => [
      '--set-file',
      `files.${language}\\.yaml=${join(BUILT_IN_PROMPTS, `${language}.yaml`)}`,
    ]);
    const rest = 'configuration.gateway={"name":"rest","mapping_file":"/etc/tokenline/acme.yaml"}';
    const more = [
      '--set-file',
      `files.acme\\.yaml=${mapping}`,
      '--set-json',
      rest,
      '--set-json',
      `configurationSecrets=${secret}`,
    ];
    const own = new Rendered(
      'own',
      ...given,
      ...more,
      '--set',
      'configuration.prompts=/etc/tokenline',
    );
    assert.equal(againstKubernetes(own.manifests, join(folder, 'own')), '');
    const config = configOf(own, 'bridge');
    assert.deepEqual(loadPrompts(config.prompts ?? ''), prompts);
    const { gateway } = bridgeSettings(config, placesOf(config), prompts);
    assert.match(JSON.stringify(gateway.rest), /Acme-Version/);
    const before = plain.one('Deployment', '-bridge').spec?.template.metadata?.annotations;
    const after = own.one('Deployment', '-bridge').spec?.template.metadata?.annotations;
    assert.notDeepEqual(after, before, 'a changed file is seen by the pods');
  });

  test('would be broken by the variables that Kubernetes makes of Services', () => {
    const { file, env } = groundOf(
      plain,
      plain.pod('bridge'),
      'bridge',
      join(folder, 'l'),
      SECRETS,
    );
    const service = plain.one('Service', '-bridge').metadata.name;
    const variable = `${service.toUpperCase().replaceAll('-', '_')}_PORT`;
    const made = { ...env, [variable]: 'tcp://10.0.0.1:8080' };
    assert.throws(() => loadConfig(file, made), ConfigError);
  });
});

describe('the card process', () => {
  const pod = live.pod('tokenizer');

  test('has no variable, no secret but its settings, and nothing that it can write to', () => {
    const { env, envFrom, volumeMounts, args } = containerOf(pod, 'tokenizer');
    assert.deepEqual([env, envFrom], [undefined, undefined]);
    const mount = { name: 'settings', mountPath: '/run/settings', readOnly: true };
    assert.deepEqual(volumeMounts, [mount]);
    assert.deepEqual(args, ['/run/settings/tokenizer.json']);
    const written = containerOf(pod, 'settings').args?.at(-1);
    assert.equal(written, args?.[0]);
  });

  test('gets no swap: its pod is of the class Guaranteed', () => {
    for (const { resources } of containersOf(pod)) {
      assert.deepEqual(resources?.requests, resources?.limits);
      assert.deepEqual(Object.keys(resources?.limits ?? {}).sort(), ['cpu', 'memory']);
    }
  });
});

describe('replicas', () => {
  test('are one more before one less, and leave a node that is drained one at a time', () => {
    for (const role of ['bridge', 'tokenizer']) {
      const { spec } = live.one('Deployment', `-${role}`);
      assert.deepEqual(spec?.strategy?.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 });
      const budget = live.one('PodDisruptionBudget', `-${role}`).spec;
      assert.equal(budget?.maxUnavailable, 1);
      assert.deepEqual(budget.selector, spec.selector);
      const keys = spec.template.spec?.topologySpreadConstraints?.map((one) => one.topologyKey);
      assert.deepEqual(keys, ['kubernetes.io/hostname', 'topology.kubernetes.io/zone']);
      for (const one of spec.template.spec?.topologySpreadConstraints ?? [])
        assert.deepEqual(one.labelSelector, spec.selector);
    }
  });

  test('are counted by one of the two: the chart, or the autoscaler', () => {
    for (const role of ['bridge', 'tokenizer']) {
      assert.equal(live.one('Deployment', `-${role}`).spec?.replicas, undefined);
      const scaler = live.one('HorizontalPodAutoscaler', `-${role}`).spec;
      assert.equal(scaler?.scaleTargetRef.name, live.one('Deployment', `-${role}`).metadata.name);
      assert.ok((sandbox.one('Deployment', `-${role}`).spec?.replicas ?? 0) >= 2);
    }
    assert.deepEqual(sandbox.all('HorizontalPodAutoscaler'), []);
  });
});
