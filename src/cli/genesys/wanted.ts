import { join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { readFlowNames } from '../../genesys/flow-text.ts';
import type { FlowFile, PromptTexts, Wanted } from '../../genesys/wanted.ts';
import { LANGUAGES } from '../../payment/language.ts';
import { mayBeActions } from '../../system/config-genesys.ts';
import { ConfigError, type Config } from '../../system/config.ts';
import { readText } from '../../system/yaml-file.ts';
import { captureFiles, type IntegrationFiles } from '../../contract/capture-files.ts';
import { GENESYS } from '../integrations.ts';
import { BUILT_IN_PROMPTS, flowPrompts } from '../prompts.ts';

/** The queue as the flows of this package name it. */
export const QUEUE_IN_FLOWS = 'Payment_Support_Group';

/**
 * What the configuration and the files of this package want an organisation to have.
 *
 * @throws {ConfigError} that names each key that is missing.
 */
export function wantedOf(config: Config, adopt: boolean): Wanted {
  const { genesys } = config;
  const { bridgeUrl, tokenizerUrl, clientId } = genesys;
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
  const [own, ...others] = captureFiles(config.capture, config.gateway.name).integrations;
  if (others.length > 0) {
    problems.push(
      `capture: ${config.capture} needs the integration ${others[0]?.category ?? ''} as well, with a ` +
        'credential of the gateway; tokenline genesys does not make it yet. Deploy by hand: ' +
        'docs/guides/capture-direct.md',
    );
  }
  if (problems.length > 0 || bridgeUrl === null || tokenizerUrl === null || client === null) {
    throw new ConfigError(problems);
  }
  const urls = { TOKENLINE_BRIDGE_URL: bridgeUrl, TOKENLINE_TOKENIZER_URL: tokenizerUrl };
  const flows = flowFiles(config);
  const skills = flows.flatMap(({ text }) =>
    readFlowNames(text).uses.filter(({ kind }) => kind === 'skill'),
  );
  return {
    prefix: genesys.prefix,
    adopt,
    division: genesys.division,
    clientId: clientId ?? '',
    credential: {
      clientId: client.id,
      clientSecret: client.secret,
      loginUrl: `${bridgeUrl}/oauth/token`,
    },
    ...actionsOf(own, urls),
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

function actionsOf(
  { actions, authentication }: IntegrationFiles,
  urls: Readonly<Record<string, string>>,
): Pick<Wanted, 'actions' | 'authAction'> {
  const addressed = (text: string): string =>
    text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => urls[name] ?? whole);
  const read = (path: string): unknown => JSON.parse(addressed(fileOf(path).text));
  if (authentication === null) throw new TypeError('our own integration has no custom-auth.json');
  return {
    actions: actions.toSorted().map((path) => Value.Parse(ActionFile, read(path))),
    authAction: Value.Parse(AuthActionFile, read(authentication)),
  };
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
