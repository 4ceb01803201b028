import { define } from '../action-type.ts';
import { count, flag, key, oneOf, required } from '../property.ts';
import { shape } from '../shape.ts';
import { audio, setting, variable } from '../value-property.ts';

/** Genesys SDK, ArchActionCollectInput.setDigitsRange: 1 to 40. */
const DIGITS_MAX = 40;

const range = shape(
  {
    min: required(count(1, DIGITS_MAX)),
    max: required(count(1, DIGITS_MAX)),
    terminatingDtmf: key('*#'),
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

const digits = shape(
  { exact: count(0, DIGITS_MAX), range },
  ({ exact, range: { min, max, terminator } }, fields) => {
    const hasExact = exact > 0;
    const hasRange = fields.take('range') !== null;
    if (hasExact === hasRange) {
      fields.reading.report(
        fields.position,
        'one-value',
        `Give ${fields.what} either \`exact\` or \`range\`.`,
      );
    }
    return hasExact && !hasRange
      ? { min: exact, max: exact, terminator: null }
      : { min, max, terminator };
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
    digits: required(digits),
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
    min: values.digits.min,
    max: values.digits.max,
    terminator: values.digits.terminator,
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
