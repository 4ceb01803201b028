import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { readFlowNames } from '../../genesys/flow-text.ts';
import type { FlowFile, PromptTexts, Wanted } from '../../genesys/wanted.ts';
import { LANGUAGES } from '../../payment/language.ts';
import { mayBeActions } from '../../system/config-genesys.ts';
import { ConfigError, type Config } from '../../system/config.ts';
import { readText } from '../../system/yaml-file.ts';
import { OWN_DATA_ACTIONS } from '../check-files.ts';
import { BUILT_IN_PROMPTS, flowPrompts } from '../prompts.ts';

const OWN_FLOWS = fileURLToPath(new URL('../../../genesys/flows', import.meta.url));

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
  if (bridgeUrl === null || tokenizerUrl === null || client === null) {
    throw new ConfigError(problems);
  }
  const urls = { TOKENLINE_BRIDGE_URL: bridgeUrl, TOKENLINE_TOKENIZER_URL: tokenizerUrl };
  const flows = flowFiles();
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
    ...actionsOf(urls),
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

/** The flows of this package. */
export const flowFiles = (): FlowFile[] => filesIn(OWN_FLOWS, '.yaml');

function filesIn(folder: string, ending: string): FlowFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .toSorted()
    .map((name) => ({
      file: `genesys/${basename(folder)}/${name}`,
      text: readText(join(folder, name)),
    }));
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

function actionsOf(urls: Readonly<Record<string, string>>): Pick<Wanted, 'actions' | 'authAction'> {
  const addressed = (text: string): string =>
    text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => urls[name] ?? whole);
  const read = (ending: string): unknown[] =>
    filesIn(OWN_DATA_ACTIONS, ending).map(({ text }): unknown => JSON.parse(addressed(text)));
  const [authAction] = read('.custom-auth.json').map((file) => Value.Parse(AuthActionFile, file));
  if (authAction === undefined) throw new TypeError('genesys/data-actions has no custom-auth.json');
  return { actions: read('.custom.json').map((file) => Value.Parse(ActionFile, file)), authAction };
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
