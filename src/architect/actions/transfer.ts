import { branchesOf, readBase, type ActionType } from '../action-type.ts';
import type { Input, Setting, Transfer } from '../model.ts';
import { listOf, named, required, type Property } from '../property.ts';
import { readProperties, shape, wrapped, type Properties, type Values } from '../shape.ts';
import { anything, audio, bindings, setting, type Found } from '../value-property.ts';

/** What every transfer takes. */
const EVERY = {
  preTransferAudio: audio(),
  failureTransferAudio: audio(),
  failureOutputs: bindings(),
};

interface Own {
  readonly target: Setting;
  readonly connectTimeout?: Setting;
  readonly priority?: Setting;
  readonly skills?: readonly Setting[];
  readonly languageSkill?: Setting;
  readonly invocationData?: Setting;
  readonly settings?: readonly Input[];
}

interface TransferDefinition<P extends Properties> {
  readonly key: string;
  readonly to: Transfer['to'];
  readonly says: string;
  readonly spelling: ActionType['spelling'];
  readonly properties: P;
  own(values: Values<P>): Own;
}

function transfer<P extends Properties>(
  definition: TransferDefinition<P>,
): Omit<ActionType, 'family'> {
  const { key, to, says, spelling, properties } = definition;
  return {
    key,
    says,
    played: 'played',
    spelling,
    properties: { ...properties, ...EVERY },
    paths: ['failure'],
    read: (fields) => {
      const base = readBase(fields, key);
      const own = definition.own(readProperties(fields, properties));
      const every = readProperties(fields, EVERY);
      const { failure } = branchesOf(fields, ['failure']);
      const none: Setting = { kind: 'none', position: base.position };
      return {
        connectTimeout: none,
        priority: none,
        skills: [],
        languageSkill: none,
        invocationData: none,
        settings: [],
        ...base,
        kind: 'transfer',
        to,
        ...own,
        ...every,
        failure,
      };
    },
  };
}

/** Values that change nothing on a laptop, and that a check has to see all the same. */
function seen(parts: Readonly<Record<string, Found>>): readonly Input[] {
  return Object.entries(parts).flatMap(([key, { settings }]) =>
    settings.map((input) => ({ ...input, name: input.name === '' ? key : `${key}.${input.name}` })),
  );
}

/** `[{acdSkill: {lit: {name}}}]`. */
const acdSkills: Property<readonly Setting[]> = {
  form: '[{acdSkill: lit | exp}]',
  required: false,
  read: (node, place, reading) => {
    if (node === null) return [];
    if (node.kind === 'map') return [setting().read(node, place, reading)];
    return listOf(wrapped('acdSkill', setting())).read(node, place, reading);
  },
};

const toAcd = transfer({
  key: 'transferToAcd',
  to: 'acd',
  says: 'Puts the caller into a queue.',
  spelling: 'export',
  properties: {
    targetQueue: required(setting()),
    priority: setting(),
    acdSkills,
    languageSkill: setting(),
    appendSkills: anything(),
    preferredAgents: anything(),
    directAgent: anything(),
    overrideInQueueFlow: anything(),
  },
  own: ({ targetQueue, priority, acdSkills: skills, languageSkill, ...others }) => ({
    target: targetQueue,
    priority,
    skills,
    languageSkill,
    settings: seen(others),
  }),
});

const toFlow = transfer({
  key: 'transferToFlow',
  to: 'flow',
  says: 'Goes on in another flow of the same kind.',
  spelling: 'export',
  properties: { targetFlow: required(named()) },
  own: ({ targetFlow }) => ({ target: targetFlow }),
});

const toFlowSecure = transfer({
  key: 'transferToFlowSecure',
  to: 'flowSecure',
  says: 'Goes on in a secure flow, with one text of invocation data.',
  spelling: 'export',
  properties: {
    targetFlow: required(named()),
    invocationData: setting(),
    connectTimeout: setting(),
  },
  own: ({ targetFlow, ...values }) => ({ target: targetFlow, ...values }),
});

const toNumber = transfer({
  key: 'transferToNumber',
  to: 'number',
  says: 'Calls another number and connects the caller with it.',
  spelling: 'export',
  properties: {
    targetNumber: required(setting()),
    connectTimeout: setting(),
    releaseLinkTransfer: anything(),
  },
  own: ({ targetNumber, connectTimeout, ...others }) => ({
    target: targetNumber,
    connectTimeout,
    settings: seen(others),
  }),
});

const toUser = transfer({
  key: 'transferToUser',
  to: 'user',
  says: 'Rings one user.',
  spelling: 'name',
  properties: {
    targetUser: required(setting()),
    connectTimeout: setting(),
    alertOnTransfer: anything(),
    allowVoicemailRollover: anything(),
  },
  own: ({ targetUser, connectTimeout, ...others }) => ({
    target: targetUser,
    connectTimeout,
    settings: seen(others),
  }),
});

const toGroup = transfer({
  key: 'transferToGroup',
  to: 'group',
  says: 'Rings a group of users.',
  spelling: 'name',
  properties: {
    targetGroup: required(setting()),
    connectTimeout: setting(),
    allowVoicemailRollover: anything(),
  },
  own: ({ targetGroup, connectTimeout, ...others }) => ({
    target: targetGroup,
    connectTimeout,
    settings: seen(others),
  }),
});

/** A queue, a user or a group takes the message. */
const destination = shape(
  {
    queue: anything(),
    user: anything(),
    group: anything(),
  },
  ({ queue, user, group }, { position }) => {
    const settings = seen({ queue, user, group });
    const target = settings.find(({ name }) => /\.target(Queue|User|Group)$/.test(name));
    return { target: target?.value ?? { kind: 'none' as const, position }, settings };
  },
);

const toVoicemail = transfer({
  key: 'transferToVoicemail',
  to: 'voicemail',
  says: 'Takes a message for a queue, a user or a group.',
  spelling: 'export',
  properties: { destination: required(destination) },
  own: (values) => values.destination,
});

export const TRANSFERS = [toAcd, toFlow, toFlowSecure, toNumber, toUser, toGroup, toVoicemail];
