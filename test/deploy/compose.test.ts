import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ROLES } from '../../src/cli/banner.ts';
import { loadPrompts, BUILT_IN_PROMPTS } from '../../src/cli/prompts.ts';
import { bridgeSettings, tokenizerSettings } from '../../src/cli/settings.ts';
import { loadConfig, type Config } from '../../src/system/config.ts';
import { environmentOf, readCompose, type Service } from './compose.ts';
import { ROOT } from './dockerfile.ts';
import { placesOf, SECRETS } from './live-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'deploy-compose-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const compose = readCompose('compose.yaml');
const live = readCompose('compose.live.yaml');
const ours = Object.entries(compose.services).filter(([, { image }]) =>
  image?.startsWith('tokenline-'),
);
const prompts = loadPrompts(BUILT_IN_PROMPTS);

/** The configuration that a service runs on; `live` puts the overlay on top. */
function configOf(name: string, overlay: boolean): Config {
  const services = [compose.services[name], overlay ? live.services[name] : undefined];
  const environment = environmentOf(services, join(folder, name), SECRETS);
  const file = join(folder, `${name}.yaml`);
  const source = overlay ? 'live.example.yaml' : 'tokenline.yaml';
  const text = readFileSync(join(ROOT, 'deploy', 'compose', source), 'utf8');
  writeFileSync(file, text.replaceAll('/run/secrets', join(folder, name)));
  writeFileSync(join(folder, name, 'client_secret'), SECRETS['client_secret'] ?? '');
  const { TOKENLINE_CONFIG: at, ...rest } = environment;
  assert.equal(at, '/etc/tokenline/tokenline.yaml');
  const config = loadConfig(file, rest);
  assert.deepEqual(config.warnings, [], `${name} sets a variable that means nothing`);
  return config;
}

describe('the compose files', () => {
  test('are what the Compose Specification describes', () => {
    const schema: unknown = JSON.parse(
      readFileSync(join(ROOT, 'test/specs/compose/compose-spec.json'), 'utf8'),
    );
    const ajv = new Ajv({ strict: false, allErrors: true });
    formats.default(ajv);
    // Docker's own formats; what they say is seen by Docker alone.
    for (const format of ['duration', 'ports', 'expose', 'subnet_ip_address'])
      ajv.addFormat(format, true);
    const { $schema: _, ...plain } = schema as Record<string, unknown>;
    const check = ajv.compile(plain);
    for (const file of [compose, live]) {
      const merged = JSON.parse(JSON.stringify(file)) as Record<string, unknown>;
      assert.ok(check(merged), JSON.stringify(check.errors, null, 1));
    }
    assert.ok(!check({ services: { a: { image: 'b', volume: [] } } }), 'it sees an unknown key');
  });

  test('build every role from its Dockerfile, and run two bridges and two tokenizers', () => {
    for (const role of ROLES) {
      const service = compose.services[role];
      assert.equal(service?.build?.dockerfile, `deploy/docker/${role}.Dockerfile`);
      assert.ok(existsSync(join(ROOT, service.build.dockerfile)));
    }
    assert.equal(compose.services['bridge']?.deploy?.replicas, 2);
    assert.equal(compose.services['tokenizer']?.deploy?.replicas, 2);
  });

  test('pin every image, and keep every container of ours small', () => {
    for (const [name, service] of Object.entries(compose.services)) {
      assert.match(service.image ?? '', /:\d+\.\d+/, name);
    }
    for (const [name, service] of [...ours, ['balancer', compose.services['balancer']] as const]) {
      assert.equal(service?.['read_only'], true, name);
      assert.deepEqual(service['cap_drop'], ['ALL'], name);
      assert.deepEqual(service['security_opt'], ['no-new-privileges:true'], name);
    }
    for (const [name, service] of ours) assert.equal(service['user'], '1000:1000', name);
    const card = compose.services['tokenizer'];
    assert.deepEqual(card?.['ulimits'], { core: 0 });
    assert.equal(card['memswap_limit'], card['mem_limit']);
    assert.equal(card['volumes'], undefined);
    assert.equal(card.environment, undefined, 'its settings are one document');
  });

  test('leave the tokenizer no way to the database, and the database none to anywhere', () => {
    const networks = (name: string): readonly string[] => compose.services[name]?.networks ?? [];
    const shared = networks('tokenizer').filter((one) => networks('postgres').includes(one));
    assert.deepEqual(shared, []);
    assert.deepEqual(networks('postgres'), ['records']);
    const onRecords = Object.keys(compose.services).filter((name) =>
      networks(name).includes('records'),
    );
    assert.deepEqual(onRecords.sort(), ['bridge', 'postgres']);
    const open = Object.entries(compose.networks ?? {}).filter(([, one]) => one.internal !== true);
    assert.deepEqual(open.map(([name]) => name).sort(), ['edge', 'outside']);
    for (const [name, service] of ours) {
      if (name !== 'line') assert.ok(!(service.networks ?? []).includes('edge'), name);
    }
  });

  test('publish callers’ ports on this machine alone, and never the line between the two', () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports ?? []);
    assert.ok(
      ports.every((port) => port.startsWith('127.0.0.1:')),
      ports.join(),
    );
    assert.ok(!ports.some((port) => port.includes('9443')));
  });

  test('name no secret but as a file', () => {
    const values = [compose, live].flatMap(({ services }) =>
      Object.values(services).flatMap((service: Service) =>
        Object.entries(service.environment ?? {}),
      ),
    );
    const secret = values.filter(([name]) =>
      /SECRET|PASSWORD|CREDENTIAL|API_KEY|DATABASE_URL/.test(name),
    );
    assert.ok(secret.length >= 8);
    for (const [name, value] of secret) {
      assert.match(name, /_FILE$/);
      assert.match(value, /^\/run\/secrets\//);
    }
    for (const { file } of Object.values({ ...compose.secrets, ...live.secrets })) {
      assert.match(file, /^\.\/compose\/secrets\//);
    }
  });
});

describe('the configuration of the compose files', () => {
  test('in sandbox mode, is one that each service starts with', () => {
    for (const role of ['sandbox', 'line']) configOf(role, false);
    const bridge = configOf('bridge', false);
    const told = bridgeSettings(bridge, placesOf(bridge), prompts);
    assert.deepEqual(told.api.internal, { host: '0.0.0.0', port: 9443, tls: null });
    assert.equal(told.gateway.url, 'http://sandbox:8082');
    assert.equal(told.ledger.checkpointFile, null);
    const card = configOf('card-settings', false);
    const settings = tokenizerSettings(card, placesOf(card), prompts);
    assert.equal(settings.internal.origin, 'http://balancer:9443');
    assert.equal(settings.listen.host, '0.0.0.0');
    assert.equal(settings.gateway.origin, 'http://sandbox:8082');
  });

  test('in live mode, has TLS everywhere and one credential on both ends', () => {
    const bridge = configOf('bridge', true);
    const card = configOf('card-settings', true);
    assert.deepEqual([bridge.mode, card.mode], ['live', 'live']);
    const told = bridgeSettings(bridge, placesOf(bridge), prompts);
    const settings = tokenizerSettings(card, placesOf(card), prompts);
    assert.ok('tls' in told.api.internal && told.api.internal.tls !== null);
    assert.ok(told.api.listen.tls !== null && settings.listen.tls !== null);
    assert.equal(settings.internal.origin, 'https://balancer:9443');
    assert.equal(settings.internal.ca, 'PEM of an authority');
    assert.equal(settings.internal.credential, told.api.internalCredential);
  });
});

test('the secrets that are ours to choose are made as the services read them, and only once', () => {
  const script = join(folder, 'make-secrets.sh');
  writeFileSync(script, readFileSync(join(ROOT, 'deploy/compose/make-secrets.sh')), {
    mode: 0o700,
  });
  const made = (): string[] => {
    const { status, stderr } = spawnSync(script, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return Object.values(compose.secrets).map(({ file }) =>
      readFileSync(join(folder, file.replace('./compose/', '')), 'utf8'),
    );
  };
  const first = made();
  assert.deepEqual(made(), first);
  const [, url = '', credential = '', access = ''] = first;
  assert.match(url, /^postgres:\/\/tokenline:[0-9a-f]{48}@postgres\/tokenline\n$/);
  assert.ok(credential.trim().length >= 24);
  assert.match(access, /^-----BEGIN PRIVATE KEY-----/);
});

test('the balancer’s files are what HAProxy reads', (t) => {
  const found = spawnSync('haproxy', ['-v']);
  if (found.error) return t.skip('haproxy is not installed here');
  for (const name of ['balancer.cfg', 'balancer-live.cfg']) {
    const path = join(ROOT, 'deploy', 'compose', name);
    const { status, stderr } = spawnSync('haproxy', ['-c', '-f', path], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  }
});
