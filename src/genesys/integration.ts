import type { Static } from 'typebox';
import { createHmac } from 'node:crypto';
import { canonicalJson, lettersOf } from '../payment/fingerprint.ts';
import { CALLS } from './calls.ts';
import type * as models from './models.ts';
import { marked, noteOf } from './naming.ts';
import { notOurs, type Look, type Part, type Place } from './place.ts';

/** Web Services data actions (`integrationType` of an exported data action). */
const TYPE = 'custom-rest-actions';

/** The type with which Genesys makes an authentication action of the integration's own. */
const CREDENTIAL_TYPE = 'userDefinedOAuth';

/**
 * Under which name an integration keeps its credential, whatever its type: the provider's documents,
 * `genesyscloud_integration`, and its `getIntegrationCredentialsType`.
 */
const CREDENTIAL_KEY = 'basicAuth';

/** A credential has no description: its name says whose it is. */
export const CREDENTIAL_NAME = 'Tokenline access, made by tokenline genesys';
export const INTEGRATION_NAME = 'Tokenline';

const NOTES = 'Data actions of Tokenline.';

type Credential = Static<typeof models.CredentialInfo>;

export const credentialPart = (place: Place): Part => ({
  kind: 'credential',
  name: place.named(CREDENTIAL_NAME),
  look: () => lookAtCredential(place),
});

export const integrationPart = (place: Place): Part => ({
  kind: 'integration',
  name: place.named(INTEGRATION_NAME),
  look: () => lookAtIntegration(place),
});

export async function findCredential(place: Place): Promise<Credential | null> {
  const name = place.named(CREDENTIAL_NAME);
  const found = await place.list(CALLS.listCredentials);
  return found.find((one) => one.name === name && one.type?.name === CREDENTIAL_TYPE) ?? null;
}

/**
 * What a credential holds cannot be read back. So the integration's notes remember two things of it: a
 * keyed hash of what was put there, with the secret as the key, and when Genesys says that was.
 */
function stampOf(place: Place, credential: Credential): string {
  const { credential: fields } = place.wanted;
  const key = fields['clientSecret'] ?? '';
  const hash = createHmac('sha256', key).update(canonicalJson(fields), 'utf8').digest();
  return `${lettersOf(hash).slice(0, 16)} ${credential.modifiedDate ?? ''}`.trim();
}

async function lookAtCredential(place: Place): Promise<Look> {
  const { platform, wanted } = place;
  const name = place.named(CREDENTIAL_NAME);
  const body = { name, type: { name: CREDENTIAL_TYPE }, credentialFields: wanted.credential };
  const found = await findCredential(place);
  if (found === null) {
    return {
      verdict: 'create',
      put: async () => {
        const made = await platform.send(CALLS.addCredential, { body, about: name });
        await remember(place, made.id);
      },
    };
  }
  place.found('credential', name, found.id);
  const stamp = stampOf(place, found);
  const remembered = await rememberedStamp(place);
  if (remembered === stamp) {
    place.credentialStamp = stamp;
    return { verdict: 'left' };
  }
  return {
    verdict: 'change',
    differences: [differenceOf(remembered, stamp)],
    put: async () => {
      const filling = { names: { credentialId: found.id }, body, about: name };
      await platform.send(CALLS.changeCredential, filling);
      await remember(place, found.id);
    },
  };
}

function differenceOf(remembered: string | null, stamp: string): string {
  if (remembered === null) return 'what is in it is not known: it is written again';
  const same = remembered.split(' ')[0] === stamp.split(' ')[0];
  return same
    ? 'somebody changed it in Genesys: it is written again'
    : 'client, secret or address are others now';
}

/** Read from the list, where the next look finds it: its date may differ from that of the answer. */
async function remember(place: Place, id: string): Promise<void> {
  const all = await place.platform.all(CALLS.listCredentials);
  const made = all.find((one) => one.id === id);
  place.found('credential', place.named(CREDENTIAL_NAME), id);
  place.credentialStamp = made === undefined ? null : stampOf(place, made);
}

interface Found {
  readonly id: string;
  readonly enabled: boolean;
  readonly config: Static<typeof models.IntegrationConfiguration>;
}

/** `null` where there is none of this name and type. */
export async function findIntegration(place: Place): Promise<Found | null> {
  const name = place.named(INTEGRATION_NAME);
  const all = await place.list(CALLS.listIntegrations, { integrationType: TYPE });
  const found = all.find((one) => one.name === name && one.integrationType?.id === TYPE);
  if (found === undefined) return null;
  const names = { integrationId: found.id };
  const config = await place.platform.send(CALLS.readIntegrationConfig, { names, about: name });
  return { id: found.id, enabled: found.intendedState === 'ENABLED', config };
}

async function rememberedStamp(place: Place): Promise<string | null> {
  const found = await findIntegration(place);
  return (found && noteOf(found.config.notes, place.wanted.prefix)) || null;
}

/** As an integration is between being made and being set up: an interrupted `apply` left it so. */
function isBlank({ enabled, config }: Found): boolean {
  const { notes, credentials } = config;
  return !enabled && (notes ?? '') === '' && Object.keys(credentials ?? {}).length === 0;
}

async function lookAtIntegration(place: Place): Promise<Look> {
  const { platform, wanted } = place;
  const name = place.named(INTEGRATION_NAME);
  const found = await findIntegration(place);
  if (found === null) {
    return {
      verdict: 'create',
      put: async () => {
        const body = { name, integrationType: { id: TYPE } };
        const { id } = await platform.send(CALLS.addIntegration, { body, about: name });
        place.found('integration', name, id);
        await configure(place, id);
        await switchOn(place, id);
      },
    };
  }
  const note = noteOf(found.config.notes, wanted.prefix);
  if (note === null && !isBlank(found) && !wanted.adopt) return notOurs('integration', name);
  place.found('integration', name, found.id);
  const credential = place.idOf('credential', place.named(CREDENTIAL_NAME));
  const used = found.config.credentials?.[CREDENTIAL_KEY]?.id ?? null;
  const differences: string[] = [];
  if (found.config.name !== name) differences.push(`its name is ${found.config.name}`);
  if (used === null || used !== credential) differences.push('it uses another credential, or none');
  if (found.config.notes !== notesOf(place))
    differences.push('its notes are to remember the credential');
  const setUp = differences.length > 0;
  if (!found.enabled) differences.push('it is switched off');
  if (differences.length === 0) return { verdict: 'left' };
  return {
    verdict: 'change',
    differences,
    put: async () => {
      if (setUp) await configure(place, found.id);
      if (!found.enabled) await switchOn(place, found.id);
    },
  };
}

const notesOf = (place: Place): string =>
  marked(NOTES, place.wanted.prefix, place.credentialStamp ?? '?');

/** Settings that are not ours stay as they are. */
async function configure(place: Place, integrationId: string): Promise<void> {
  const { platform } = place;
  const name = place.named(INTEGRATION_NAME);
  const filling = { names: { integrationId }, about: name };
  const { version, properties, advanced, credentials } = await platform.send(
    CALLS.readIntegrationConfig,
    filling,
  );
  const id = place.idOf('credential', place.named(CREDENTIAL_NAME));
  const body = {
    name,
    version,
    properties,
    advanced,
    notes: notesOf(place),
    credentials: { ...credentials, ...(id === null ? {} : { [CREDENTIAL_KEY]: { id } }) },
  };
  await platform.send(CALLS.changeIntegrationConfig, { ...filling, body });
}

async function switchOn(place: Place, integrationId: string): Promise<void> {
  const about = place.named(INTEGRATION_NAME);
  const body = { intendedState: 'ENABLED' };
  await place.platform.send(CALLS.switchIntegration, { names: { integrationId }, body, about });
}
