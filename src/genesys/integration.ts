import type { Static } from 'typebox';
import { createHmac } from 'node:crypto';
import { canonicalJson, lettersOf } from '../payment/fingerprint.ts';
import { CALLS } from './calls.ts';
import type * as models from './models.ts';
import { marked, noteOf } from './naming.ts';
import { notOurs, type Look, type Part, type Place } from './place.ts';
import { CREDENTIAL_TYPES, type IntegrationWanted } from './wanted.ts';

/** Web Services data actions (`integrationType` of an exported data action). */
const TYPE = 'custom-rest-actions';

/**
 * Under which name an integration keeps its credential, whatever its type: the provider's documents,
 * `genesyscloud_integration`, and its `getIntegrationCredentialsType`.
 */
const CREDENTIAL_KEY = 'basicAuth';

/** A credential has no description: its name says whose it is. @param integration without prefix. */
export const credentialName = (integration: string): string =>
  `${integration} access, made by tokenline genesys`;

/** A name that an integration is found by. */
type Named = Pick<IntegrationWanted, 'name'>;

type Credential = Static<typeof models.CredentialInfo>;

export const credentialPart = (place: Place, of: IntegrationWanted): Part => ({
  kind: 'credential',
  name: place.named(credentialName(of.name)),
  look: () => lookAtCredential(place, of),
});

export const integrationPart = (place: Place, of: IntegrationWanted): Part => ({
  kind: 'integration',
  name: place.named(of.name),
  look: () => lookAtIntegration(place, of),
});

/** Those of an integration: more than one where another gateway wants another type. */
export async function findCredentials(place: Place, of: Named): Promise<Credential[]> {
  const name = place.named(credentialName(of.name));
  const types: readonly string[] = CREDENTIAL_TYPES;
  const found = await place.list(CALLS.listCredentials);
  return found.filter((one) => one.name === name && types.includes(one.type?.name ?? ''));
}

/**
 * What a credential holds cannot be read back. So the integration's notes remember two things of it: a
 * keyed hash of what was put there, with its secrets as the key, and when Genesys says that was.
 */
function stampOf({ credential: { fields } }: IntegrationWanted, credential: Credential): string {
  const secrets = [fields['clientSecret'] ?? '', fields['apiKey'] ?? ''].filter(
    (one) => one !== '',
  );
  // Without a key, whoever may read the notes could try guesses against the hash.
  if (secrets.length === 0) throw new TypeError('a credential without a secret');
  const hash = createHmac('sha256', secrets.join('\n'))
    .update(canonicalJson(fields), 'utf8')
    .digest();
  return `${lettersOf(hash).slice(0, 16)} ${credential.modifiedDate ?? ''}`.trim();
}

async function lookAtCredential(place: Place, of: IntegrationWanted): Promise<Look> {
  const { platform } = place;
  const name = place.named(credentialName(of.name));
  const { type, fields } = of.credential;
  const body = { name, type: { name: type }, credentialFields: fields };
  const found = (await findCredentials(place, of)).find((one) => one.type?.name === type);
  if (found === undefined) {
    return {
      verdict: 'create',
      put: async () => {
        const made = await platform.send(CALLS.addCredential, { body, about: name });
        await remember(place, of, made.id);
      },
    };
  }
  place.found('credential', name, found.id);
  const stamp = stampOf(of, found);
  const remembered = await rememberedStamp(place, of);
  if (remembered === stamp) {
    place.credentialStamps.set(of.name, stamp);
    return { verdict: 'left' };
  }
  return {
    verdict: 'change',
    differences: [differenceOf(remembered, stamp)],
    put: async () => {
      const filling = { names: { credentialId: found.id }, body, about: name };
      await platform.send(CALLS.changeCredential, filling);
      await remember(place, of, found.id);
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
async function remember(place: Place, of: IntegrationWanted, id: string): Promise<void> {
  const all = await place.platform.all(CALLS.listCredentials);
  const made = all.find((one) => one.id === id);
  place.found('credential', place.named(credentialName(of.name)), id);
  if (made === undefined) place.credentialStamps.delete(of.name);
  else place.credentialStamps.set(of.name, stampOf(of, made));
}

interface Found {
  readonly id: string;
  readonly enabled: boolean;
  readonly config: Static<typeof models.IntegrationConfiguration>;
}

/** `null` where there is none of this name and type. */
export async function findIntegration(place: Place, of: Named): Promise<Found | null> {
  const name = place.named(of.name);
  const all = await place.list(CALLS.listIntegrations, { integrationType: TYPE });
  const found = all.find((one) => one.name === name && one.integrationType?.id === TYPE);
  if (found === undefined) return null;
  const names = { integrationId: found.id };
  const config = await place.platform.send(CALLS.readIntegrationConfig, { names, about: name });
  return { id: found.id, enabled: found.intendedState === 'ENABLED', config };
}

async function rememberedStamp(place: Place, of: Named): Promise<string | null> {
  const found = await findIntegration(place, of);
  return (found && noteOf(found.config.notes, place.wanted.prefix)) || null;
}

/** As an integration is between being made and being set up: an interrupted `apply` left it so. */
function isBlank({ enabled, config }: Found): boolean {
  const { notes, credentials } = config;
  return !enabled && (notes ?? '') === '' && Object.keys(credentials ?? {}).length === 0;
}

/** `null` where there is none, or one that is not ours. */
export async function ownIntegration(
  place: Place,
  of: Named,
): Promise<{ readonly id: string; readonly name: string } | null> {
  const found = await findIntegration(place, of);
  if (found === null || noteOf(found.config.notes, place.wanted.prefix) === null) return null;
  return { id: found.id, name: found.config.name };
}

async function lookAtIntegration(place: Place, of: IntegrationWanted): Promise<Look> {
  const { platform, wanted } = place;
  const name = place.named(of.name);
  const found = await findIntegration(place, of);
  if (found === null) {
    return {
      verdict: 'create',
      put: async () => {
        const body = { name, integrationType: { id: TYPE } };
        const { id } = await platform.send(CALLS.addIntegration, { body, about: name });
        place.found('integration', name, id);
        await configure(place, of, id);
        await switchOn(place, of, id);
      },
    };
  }
  const note = noteOf(found.config.notes, wanted.prefix);
  if (note === null && !isBlank(found) && !wanted.adopt) return notOurs('integration', name);
  place.found('integration', name, found.id);
  const credential = place.idOf('credential', place.named(credentialName(of.name)));
  const used = found.config.credentials?.[CREDENTIAL_KEY]?.id ?? null;
  const differences: string[] = [];
  if (found.config.name !== name) differences.push(`its name is ${found.config.name}`);
  if (used === null || used !== credential) differences.push('it uses another credential, or none');
  if (found.config.notes !== notesOf(place, of))
    differences.push('its notes are to remember the credential');
  const setUp = differences.length > 0;
  if (!found.enabled) differences.push('it is switched off');
  if (differences.length === 0) return { verdict: 'left' };
  return {
    verdict: 'change',
    differences,
    put: async () => {
      if (setUp) await configure(place, of, found.id);
      if (!found.enabled) await switchOn(place, of, found.id);
    },
  };
}

const notesOf = (place: Place, { name }: Named): string =>
  marked(`Data actions of ${name}.`, place.wanted.prefix, place.credentialStamps.get(name) ?? '?');

/** Settings that are not ours stay as they are. */
async function configure(place: Place, of: Named, integrationId: string): Promise<void> {
  const { platform } = place;
  const name = place.named(of.name);
  const filling = { names: { integrationId }, about: name };
  const { version, properties, advanced, credentials } = await platform.send(
    CALLS.readIntegrationConfig,
    filling,
  );
  const id = place.idOf('credential', place.named(credentialName(of.name)));
  const body = {
    name,
    version,
    properties,
    advanced,
    notes: notesOf(place, of),
    credentials: { ...credentials, ...(id === null ? {} : { [CREDENTIAL_KEY]: { id } }) },
  };
  await platform.send(CALLS.changeIntegrationConfig, { ...filling, body });
}

async function switchOn(place: Place, of: Named, integrationId: string): Promise<void> {
  const about = place.named(of.name);
  const body = { intendedState: 'ENABLED' };
  await place.platform.send(CALLS.switchIntegration, { names: { integrationId }, body, about });
}
