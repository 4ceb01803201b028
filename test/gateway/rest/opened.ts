import assert from 'node:assert/strict';
import { openRestAdapter, type RestAdapterSettings } from '../../../src/gateway/rest/adapter.ts';
import type { GatewayAdapter } from '../../../src/gateway/gateway.ts';
import type { RestMapping } from '../../../src/gateway/rest/mapping.ts';
import { readMapping } from '../../../src/gateway/rest/rules.ts';
import { openRestTokenizer } from '../../../src/gateway/rest/tokenize.ts';
import { systemClock, type Clock } from '../../../src/system/clock.ts';
import { openHttpClient } from '../../../src/system/wire.ts';
import type { GatewaySides } from '../../conformance/gateway.ts';

export const WEBHOOK_SECRET = 'whsec_Z2VuZXJpYyByZXN0IHdlYmhvb2sgc2VjcmV0IQ==';

export function mappingOf(written: unknown): RestMapping {
  const reading = readMapping(written);
  assert.equal(reading.kind, 'mapping', JSON.stringify(reading));
  if (reading.kind !== 'mapping') throw new Error('the mapping is wrong');
  return reading.mapping;
}

export type Opened = GatewaySides & { readonly adapter: GatewayAdapter };

/** Both sides of a gateway that a mapping describes, with credentials of every kind. */
export function openRest(
  origin: string,
  mapping: RestMapping,
  more: Partial<RestAdapterSettings> = {},
  clock: Clock = systemClock,
): Opened {
  const http = openHttpClient({ origin }, systemClock);
  const settings: RestAdapterSettings = {
    mapping,
    origin,
    clientId: 'client',
    clientSecret: 'secret',
    bearerToken: 'fixed-for-ever',
    apiKey: 'an-api-key',
    signing: null,
    webhookSecret: WEBHOOK_SECRET,
    references: new Map(),
    ...more,
  };
  return {
    http,
    adapter: openRestAdapter(settings, http, clock),
    tokenizer: openRestTokenizer(settings, http, clock),
  };
}
