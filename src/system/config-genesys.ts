import { Type, type Static } from 'typebox';
import { isSafeUrl } from './config-gateway.ts';
import { nullable, secret, shut, text, url } from './config-shape.ts';

/**
 * Where Genesys Cloud runs: the region's name at AWS, and the domain of its hosts. From
 * `PureCloudRegionHosts.js` of purecloud-platform-client-v2 262.0.0.
 */
const REGION_DOMAINS = {
  'us-east-1': 'mypurecloud.com',
  'eu-west-1': 'mypurecloud.ie',
  'ap-southeast-2': 'mypurecloud.com.au',
  'ap-northeast-1': 'mypurecloud.jp',
  'eu-central-1': 'mypurecloud.de',
  'us-west-2': 'usw2.pure.cloud',
  'ca-central-1': 'cac1.pure.cloud',
  'ap-northeast-2': 'apne2.pure.cloud',
  'eu-west-2': 'euw2.pure.cloud',
  'ap-south-1': 'aps1.pure.cloud',
  'us-east-2': 'use2.us-gov-pure.cloud',
  'sa-east-1': 'sae1.pure.cloud',
  'me-central-1': 'mec1.pure.cloud',
  'ap-northeast-3': 'apne3.pure.cloud',
  'eu-central-2': 'euc2.pure.cloud',
  'mx-central-1': 'mxc1.pure.cloud',
  'ap-southeast-1': 'apse1.pure.cloud',
  'eusc-de-east-1': 'edee1.eusc-pure.cloud',
} as const;

/** The domain that a region's name stands for; a domain stands for itself, `null` for neither. */
function domainOf(region: string): string | null {
  const known: Readonly<Record<string, string>> = REGION_DOMAINS;
  return known[region] ?? Object.values(known).find((domain) => domain === region) ?? null;
}

/** `genesys` of the configuration file: the organisation that `tokenline genesys` puts things into. */
export const Genesys = Type.Object(
  {
    region: nullable(text('a region such as mypurecloud.de or eu-central-1')),
    api_url: nullable(url),
    login_url: nullable(url),
    client_id: nullable(text('the id of an OAuth client of the organisation')),
    client_secret: nullable(secret),
    division: text('the name of a division'),
    // Names of user prompts take letters, digits and underscores; every other name does too.
    prefix: nullable(
      text('a letter, then at most 19 letters and digits', {
        pattern: '^[A-Za-z][A-Za-z0-9]{0,19}$',
      }),
    ),
    queue: text('the name of a queue'),
    bridge_url: nullable(url),
    tokenizer_url: nullable(url),
    action_client: nullable(text('the id of one of the clients')),
    phone_numbers: Type.Array(
      // ITU-T E.164: a plus sign and at most 15 digits.
      text('a number such as +13175550100', { pattern: '^\\+[1-9][0-9]{6,14}$' }),
      { description: 'a list of numbers such as +13175550100' },
    ),
    agent_client_id: nullable(text('the id of an OAuth client of the organisation')),
    agent_flow_id: nullable(text('the id of a flow')),
    agent_framed_by: Type.Array(
      // CSP §2.3.1, host-source: no path, because a frame has none.
      text('an origin such as https://acme.lightning.force.com', {
        pattern: '^https://[a-z0-9.-]+(:[0-9]{1,5})?$',
      }),
      { description: 'a list of origins such as https://acme.lightning.force.com' },
    ),
  },
  shut,
);
type Genesys = Static<typeof Genesys>;

export const GENESYS_DEFAULTS: Genesys = {
  region: null,
  api_url: null,
  login_url: null,
  client_id: null,
  client_secret: null,
  division: 'Home',
  prefix: null,
  queue: 'Payment_Support_Group',
  bridge_url: null,
  tokenizer_url: null,
  action_client: null,
  phone_numbers: [],
  agent_client_id: null,
  agent_flow_id: null,
  agent_framed_by: [],
};

export interface GenesysConfig {
  /** The domain of the region's hosts, such as `mypurecloud.de`. */
  readonly region: string | null;
  /** The platform API, without a slash at its end; that of the region where nothing else is given. */
  readonly apiUrl: string | null;
  /** Where access tokens come from, likewise. */
  readonly loginUrl: string | null;
  readonly clientId: string | null;
  readonly clientSecret: string | null;
  readonly division: string;
  /** Put before every name, so that one organisation can have several environments. */
  readonly prefix: string | null;
  readonly queue: string;
  /** Where Genesys reaches the bridge and the tokenizer; no slash at the end. */
  readonly bridgeUrl: string | null;
  readonly tokenizerUrl: string | null;
  /** The client of `clients` that the data actions are; `null` is the first one that may be. */
  readonly actionClient: string | null;
  /** E.164; calls to them reach the flow. */
  readonly phoneNumbers: readonly string[];
  /** The agent's page as an OAuth client of the grant "Code Authorization/PKCE"; `null` for no page. */
  readonly agentClientId: string | null;
  /** Of the secure flow for callers who are with an agent. */
  readonly agentFlowId: string | null;
  /** Origins that have Genesys' desktop in a page of their own. */
  readonly agentFramedBy: readonly string[];
}

export function genesysOf(file: Genesys): GenesysConfig {
  const region = file.region === null ? null : domainOf(file.region);
  const of = (host: string, given: string | null): string | null =>
    bare(given) ?? (region === null ? null : `https://${host}.${region}`);
  return {
    region,
    apiUrl: of('api', file.api_url),
    loginUrl: of('login', file.login_url),
    clientId: file.client_id,
    clientSecret: file.client_secret,
    division: file.division,
    prefix: file.prefix,
    queue: file.queue,
    bridgeUrl: bare(file.bridge_url),
    tokenizerUrl: bare(file.tokenizer_url),
    actionClient: file.action_client,
    phoneNumbers: file.phone_numbers,
    agentClientId: file.agent_client_id,
    agentFlowId: file.agent_flow_id,
    agentFramedBy: file.agent_framed_by,
  };
}

function bare(address: string | null): string | null {
  return address === null ? null : address.replace(/\/+$/, '');
}

interface Client {
  readonly id: string;
  readonly scopes: readonly string[];
}

/** What the data actions have to be allowed: everything of a call, cards included. */
export function mayBeActions({ scopes }: Client): boolean {
  return scopes.includes('calls') && scopes.includes('cards');
}

/** What is wrong with `genesys`; nothing of it has to be given before `tokenline genesys` is called. */
export function genesysProblems(
  genesys: Genesys,
  clients: readonly Client[],
  say: (key: string, sentence: string) => void,
): void {
  if (genesys.region !== null && domainOf(genesys.region) === null) {
    const known = Object.entries(REGION_DOMAINS).map(([name, domain]) => `${domain} (${name})`);
    say('genesys.region', `expected one of ${known.join(', ')}`);
  }
  for (const key of ['api_url', 'login_url', 'bridge_url', 'tokenizer_url'] as const) {
    const address = genesys[key];
    if (address !== null && !isSafeUrl(address)) {
      say(`genesys.${key}`, 'expected https://, or an address of this machine');
    }
  }
  const { action_client: chosen } = genesys;
  if (chosen !== null) {
    const client = clients.find(({ id }) => id === chosen);
    if (client === undefined) say('genesys.action_client', `there is no ${chosen} in clients`);
    else if (!mayBeActions(client)) {
      say('genesys.action_client', `${chosen} needs the scopes calls and cards`);
    }
  }
  if (genesys.agent_client_id !== null) {
    if (genesys.region === null) say('genesys.region', 'the agent’s page needs it');
    if (genesys.agent_flow_id === null) {
      say('genesys.agent_flow_id', 'expected the id of the flow Tokenline Card Capture Agent');
    }
  }
  const twice = genesys.phone_numbers.find((number, at, all) => all.indexOf(number) !== at);
  if (twice !== undefined) say('genesys.phone_numbers', `${twice} stands twice`);
}
