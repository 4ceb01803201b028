import { define } from '../action-type.ts';
import { count, flag, key, oneOf, optional, required } from '../property.ts';
import { shape } from '../shape.ts';
import { audio, setting, variable } from '../value-property.ts';

/** Genesys SDK, ArchActionCollectInput.setDigitsRange: 1 to 40. */
const DIGITS_MAX = 40;

const range = shape(
  {
    min: required(count(1, DIGITS_MAX)),
    max: required(count(1, DIGITS_MAX)),
    terminatingDtmf: key(),
  },
  ({ min, max, terminatingDtmf }, fields) => {
    if (max < min) {
      fields.reading.report(
        fields.position,
        'wrong-type',
        `Make \`max\` of ${fields.what} at least \`min\`.`,
      );
    }
    return { min, max: Math.max(min, max), terminator: terminatingDtmf };
  },
);

const ONE_DIGIT = { min: 1, max: 1, terminator: null };

const digits = shape(
  { exact: optional(count(1, DIGITS_MAX)), range: optional(range) },
  ({ exact, range: between }, { reading, position, what }) => {
    if ((exact === null) === (between === null)) {
      reading.report(position, 'one-value', `Give ${what} either \`exact\` or \`range\`.`);
    }
    if (exact !== null) return { min: exact, max: exact, terminator: null };
    return between ?? ONE_DIGIT;
  },
);

const playAudio = define({
  key: 'playAudio',
  says: 'Plays a sentence, a prompt or an audio expression.',
  spelling: 'export',
  properties: { audio: required(audio()) },
  build: (base, values) => ({ ...base, kind: 'playAudio', audio: values.audio }),
});

const collectInput = define({
  key: 'collectInput',
  says: 'Asks for digits from the keypad and puts them into a variable.',
  spelling: 'export',
  properties: {
    inputData: required(variable()),
    digits: required(optional(digits)),
    interDigitTimeout: setting(),
    noEntryTimeout: setting(),
    inputAudio: audio(),
    includeTerminatingDtmfInResultData: flag(),
    acceptJustStar: setting(),
    acceptJustPound: setting(),
    verificationType: oneOf(['none', 'individualDigits', 'numeric']),
    verificationAudio: audio(),
  },
  paths: ['success', 'failure'],
  build: (base, values, { success, failure }) => ({
    ...base,
    kind: 'collectInput',
    into: values.inputData ?? '',
    ...(values.digits ?? ONE_DIGIT),
    interDigitTimeout: values.interDigitTimeout,
    noEntryTimeout: values.noEntryTimeout,
    audio: values.inputAudio,
    keepTerminator: values.includeTerminatingDtmfInResultData,
    acceptJustStar: values.acceptJustStar,
    acceptJustPound: values.acceptJustPound,
    verification: values.verificationType,
    verificationAudio: values.verificationAudio,
    success,
    failure,
  }),
});

export const VOICE = [playAudio, collectInput];
