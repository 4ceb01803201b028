import { GUIDE_MAPPING } from '../../gateway/rest/guide.ts';
import type { RestMapping } from '../../gateway/rest/mapping.ts';
import { canonicalJson } from '../../payment/fingerprint.ts';
import { gatewayOriginOf, isSafeUrl } from '../../system/config-gateway.ts';
import type { Config } from '../../system/config.ts';
import { gatewayPlaceOf } from '../integrations.ts';
import { loadMapping } from '../rest-gateway.ts';

/**
 * With `capture: link` the flow that takes keys is published, because the first one names it, and nothing
 * leads to it. A name that nobody can have (RFC 6761 §6.4): whatever happens, no card is sent.
 */
const NO_TOKENIZER = 'https://no-tokenizer.invalid';

/** By the placeholders in data actions, as Genesys reaches them; `null` where no key says it. */
export interface Addresses {
  readonly TOKENLINE_BRIDGE_URL: string | null;
  readonly TOKENLINE_TOKENIZER_URL: string | null;
  readonly TOKENLINE_GATEWAY_URL: string | null;
}

export function addressesOf({ genesys, capture, gateway, mode }: Config): Addresses {
  const atGateway = gateway.url ?? gatewayOriginOf(gateway.name, mode);
  return {
    TOKENLINE_BRIDGE_URL: genesys.bridgeUrl,
    TOKENLINE_TOKENIZER_URL: capture === 'bridge' ? genesys.tokenizerUrl : NO_TOKENIZER,
    TOKENLINE_GATEWAY_URL: atGateway === null ? null : new URL(atGateway).origin,
  };
}

type Said = (problem: string) => void;

/**
 * What the integration with the gateway names itself with; never the bridge's own credential.
 *
 * @param url of `addressesOf`.
 * @param say is told of each key that is missing or wrong.
 */
export function gatewayFieldsOf(
  config: Config,
  url: string | null,
  say: Said,
): Readonly<Record<string, string>> {
  const { name } = config.gateway;
  if (url === null) {
    say('gateway.url: capture: direct needs it: where Genesys reaches the gateway');
    return {};
  }
  // PCI DSS 4.2.1: strong cryptography over open networks.
  if (!isSafeUrl(url)) say('gateway.url: expected https://, for the flow sends cards there');
  const { apiKey, clientId, clientSecret } = gatewayPlaceOf(config, url);
  const needed = (key: string, value: string, what: string): void => {
    if (value === '')
      say(`direct.${key}: tokenline genesys needs it with capture: direct: ${what}`);
  };
  if (name === 'stripe') {
    needed('api_key', apiKey, 'a restricted key of Stripe, or direct.api_key_file');
    return { apiKey };
  }
  needed('api_key', apiKey, 'the gateway’s API key, or direct.api_key_file');
  needed('client_id', clientId, 'a client that may store cards');
  needed('client_secret', clientSecret, 'its secret, or direct.client_secret_file');
  const mapping = name === 'rest' ? loadMapping(config.gateway.mappingFile) : GUIDE_MAPPING;
  for (const key of otherThanGuide(mapping)) {
    say(
      `${config.gateway.mappingFile ?? 'the mapping'}: ${key}: Tokenline Send Card sends what the guide ` +
        'says, and this mapping says something else. Deploy by hand, with a data action of your own: ' +
        'docs/guides/capture-direct.md',
    );
  }
  return { loginUrl: `${url}${mapping.token_path}`, clientId, clientSecret, apiKey };
}

/** Keys of a mapping that Send Card and its access token depend on, and that are not the guide's. */
function otherThanGuide(mapping: RestMapping): string[] {
  const meant = (of: RestMapping): Readonly<Record<string, unknown>> => ({
    authorization: of.authorization,
    token_scope: of.token_scope,
    api_key_header: of.api_key_header,
    headers: of.headers,
    'idempotency.header': of.idempotency.header,
    body: of.body,
    tokenise: of.tokenise,
    'answers.token': of.answers.token,
  });
  const guide = meant(GUIDE_MAPPING);
  return Object.entries(meant(mapping)).flatMap(([key, value]) =>
    canonicalJson(value) === canonicalJson(guide[key]) ? [] : [key],
  );
}
