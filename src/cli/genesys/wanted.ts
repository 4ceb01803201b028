import { join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { readFlowNames } from '../../genesys/flow-text.ts';
import type {
  CredentialWanted,
  FlowFile,
  IntegrationKnown,
  IntegrationWanted,
  PromptTexts,
  Wanted,
} from '../../genesys/wanted.ts';
import { CAPTURE_MODES } from '../../payment/capture.ts';
import { LANGUAGES } from '../../payment/language.ts';
import { GATEWAY_NAMES } from '../../system/config-gateway.ts';
import { mayBeActions } from '../../system/config-genesys.ts';
import { ConfigError, type Config } from '../../system/config.ts';
import { readText } from '../../system/yaml-file.ts';
import { captureFiles, type IntegrationFiles } from '../../contract/capture-files.ts';
import { GENESYS } from '../integrations.ts';
import { BUILT_IN_PROMPTS, flowPrompts } from '../prompts.ts';
import { addressesOf, gatewayFieldsOf, type Addresses } from './addresses.ts';

/** The queue as the flows of this package name it. */
export const QUEUE_IN_FLOWS = 'Payment_Support_Group';

/**
 * What the configuration and the files of this package want an organisation to have.
 *
 * @throws {ConfigError} that names each key that is missing.
 */
export function wantedOf(config: Config, adopt: boolean): Wanted {
  const { genesys } = config;
  const addresses = addressesOf(config);
  const { TOKENLINE_BRIDGE_URL: bridgeUrl, TOKENLINE_TOKENIZER_URL: tokenizerUrl } = addresses;
  const client = actionClientOf(config);
  const problems: string[] = [];
  if (bridgeUrl === null) {
    problems.push(
      'genesys.bridge_url: tokenline genesys needs it: where Genesys reaches the bridge',
    );
  }
  if (tokenizerUrl === null) {
    problems.push(
      'genesys.tokenizer_url: tokenline genesys needs it: where Genesys reaches the tokenizer',
    );
  }
  if (client === null) {
    problems.push('clients: none has the scopes calls and cards, which the data actions need');
  }
  const { integrations } = captureFiles(config.capture, config.gateway.name);
  const atGateway = integrations.some(({ credential }) => credential === 'gateway')
    ? gatewayFieldsOf(config, addresses.TOKENLINE_GATEWAY_URL, (problem) => problems.push(problem))
    : {};
  if (problems.length > 0 || bridgeUrl === null || client === null) throw new ConfigError(problems);
  const fields = {
    bridge: {
      clientId: client.id,
      clientSecret: client.secret,
      loginUrl: `${bridgeUrl}/oauth/token`,
    },
    gateway: atGateway,
  };
  const flows = flowFiles(config);
  const skills = flows.flatMap(({ text }) =>
    readFlowNames(text).uses.filter(({ kind }) => kind === 'skill'),
  );
  return {
    prefix: genesys.prefix,
    adopt,
    division: genesys.division,
    clientId: genesys.clientId ?? '',
    integrations: integrations.map((one) => integrationOf(one, addresses, fields[one.credential])),
    known: knownIntegrations(),
    skills: [...new Set(skills.map(({ name }) => name))],
    queue: { inFlows: QUEUE_IN_FLOWS, name: genesys.queue },
    prompts: promptsOf(config.prompts ?? BUILT_IN_PROMPTS),
    flows,
    phoneNumbers: genesys.phoneNumbers,
  };
}

function actionClientOf({ clients, genesys }: Config): Config['clients'][number] | null {
  const { actionClient } = genesys;
  const chosen =
    actionClient === null ? mayBeActions : ({ id }: { id: string }) => id === actionClient;
  return clients.find(chosen) ?? null;
}

/** The flows of this package, for the way in which cards get to the gateway. */
export function flowFiles({ capture }: Pick<Config, 'capture'>): FlowFile[] {
  // Which gateway it is makes no difference to a flow.
  return captureFiles(capture, 'sandbox').flows.toSorted().map(fileOf);
}

/** @param path below `genesys/`. */
function fileOf(path: string): FlowFile {
  return { file: `genesys/${path}`, text: readText(join(GENESYS, path)) };
}

const texts = Type.Record(Type.String(), Type.String());
const ActionConfig = Type.Object({
  request: Type.Object({
    requestUrlTemplate: Type.String(),
    requestType: Type.String(),
    headers: texts,
    requestTemplate: Type.String(),
  }),
  response: Type.Object({
    translationMap: texts,
    translationMapDefaults: texts,
    successTemplate: Type.String(),
  }),
  timeoutSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 60 })),
});
const Schema = Type.Object({
  required: Type.Optional(Type.Array(Type.String())),
  properties: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
const AuthActionFile = Type.Object({ name: Type.String(), config: ActionConfig });
const ActionFile = Type.Object({
  ...AuthActionFile.properties,
  contract: Type.Object({
    input: Type.Object({ inputSchema: Schema }),
    output: Type.Object({ successSchema: Schema }),
  }),
  secure: Type.Boolean(),
});

function integrationOf(
  { category, actions, authentication }: IntegrationFiles,
  addresses: Addresses,
  fields: CredentialWanted['fields'],
): IntegrationWanted {
  const urls = new Map<string, string | null>(Object.entries(addresses));
  const addressed = (text: string): string =>
    text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => urls.get(name) ?? whole);
  const read = (path: string): unknown => JSON.parse(addressed(fileOf(path).text));
  return {
    name: category,
    credential: { type: authentication === null ? 'userDefined' : 'userDefinedOAuth', fields },
    authAction: authentication === null ? null : Value.Parse(AuthActionFile, read(authentication)),
    actions: actions.toSorted().map((path) => Value.Parse(ActionFile, read(path))),
  };
}

/** What any way of capture with any gateway makes. */
function knownIntegrations(): IntegrationKnown[] {
  const known = new Map<string, Set<string>>();
  for (const capture of CAPTURE_MODES) {
    for (const gateway of GATEWAY_NAMES) {
      for (const { category, actions } of captureFiles(capture, gateway).integrations) {
        const names = known.get(category) ?? new Set<string>();
        known.set(category, names);
        for (const path of actions) {
          names.add(Value.Parse(AuthActionFile, JSON.parse(fileOf(path).text)).name);
        }
      }
    }
  }
  return [...known].map(([name, actions]) => ({ name, actions: [...actions] }));
}

function promptsOf(directory: string): PromptTexts[] {
  const prompts = new Map<string, { language: string; text: string }[]>();
  for (const [key, text] of flowPrompts(directory)) {
    const [language = '', name = ''] = key.split(' ');
    prompts.set(name, [...(prompts.get(name) ?? []), { language, text }]);
  }
  const rank = ({ language }: { language: string }): number =>
    LANGUAGES.findIndex((known) => known === language);
  return [...prompts].map(([name, texts]) => ({
    name,
    texts: texts.toSorted((one, other) => rank(one) - rank(other)),
  }));
}
