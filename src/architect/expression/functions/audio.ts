import type { Arguments } from '../arguments.ts';
import { cutTo } from '../decimal.ts';
import { decimalText } from '../print.ts';
import { audio, audioOf } from '../results.ts';
import { defineFunction } from '../signature.ts';
import { DATE_FORMATS, dateWords, timeWords, type DateFormat } from '../speech/date-words.ts';
import { spokenLanguage, type SpokenLanguage } from '../speech/locale.ts';
import { currencyName, moneyWords, type MoneyFormat } from '../speech/money-words.ts';
import { digitWords, negative, numberWords } from '../speech/number-words.ts';
import { fixedText, isSip } from '../value-text.ts';
import { NOT_SET, type Value } from '../value.ts';
import { places } from './number.ts';

/** Ours: a pause is no way to keep a line open. */
const SILENCE_MS_MAX = 600_000;

/** Speech in the call's language; NOT_SET is blank audio, as everywhere in the help data. */
function spoken(args: Arguments, words: (language: SpokenLanguage) => string): Value {
  if (!args.isSet(0)) return audio([]);
  return speech(words(spokenLanguage(args.scope.language)), args.scope.language);
}

function speech(text: string, language: string): Value {
  return audio(text === '' ? [] : [{ kind: 'speech', text, language }]);
}

function decimalWords(text: string, language: SpokenLanguage, digits: boolean): string {
  const [whole = '0', part = ''] = text.replace('-', '').split('.');
  const sign = text.startsWith('-') ? `${negative(language)} ` : '';
  const head = digits ? digitWords(whole, language) : numberWords(Number(whole), language);
  return `${sign}${head}${part === '' ? '' : ` ${digitWords(`.${part}`, language)}`}`;
}

/** Whole Decimals are spoken without their `.0`. */
function shortText(value: number): string {
  return Number.isInteger(value) ? decimalText(value).replace(/\.0$/, '') : decimalText(value);
}

function numberAudio(args: Arguments, digits: boolean, fixed: number | null): Value {
  return spoken(args, (language) => {
    const value = args.number(0);
    const text = fixed === null ? shortText(value) : fixedText(cutTo(value, fixed), fixed);
    return decimalWords(text, language, digits);
  });
}

const MONEY_FORMATS: readonly string[] = ['majorUnitsOnly', 'minorUnitsOnly', 'asMinorUnits'];

function isMoneyFormat(text: string): text is MoneyFormat {
  return MONEY_FORMATS.includes(text);
}

function isDateFormat(text: string): text is DateFormat {
  return DATE_FORMATS.some((format) => format === text);
}

function moneyAudio(args: Arguments, format: string): Value {
  return spoken(args, (language) => {
    const { value, currency } = args.currency(0);
    if (isMoneyFormat(format) || format === 'full') {
      return moneyWords(value, currency, language, isMoneyFormat(format) ? format : 'full');
    }
    const digits = decimalWords(fixedText(value, 2), language, true);
    return `${digits} ${currencyName(value, currency, language)}`.trim();
  });
}

function moneyDecimals(args: Arguments): Value {
  const fixed = places(args, 1);
  return spoken(args, (language) => {
    const { value, currency } = args.currency(0);
    const words = decimalWords(fixedText(cutTo(value, fixed), fixed), language, false);
    return `${words} ${currencyName(value, currency, language)}`.trim();
  });
}

function dateAudio(args: Arguments, format: string): Value {
  return spoken(args, (language) =>
    dateWords(args.milliseconds(0), language, isDateFormat(format) ? format : 'longYear'),
  );
}

function timeAudio(args: Arguments, hours: 12 | 24 | null): Value {
  return spoken(args, (language) =>
    timeWords(args.milliseconds(0), language, hours ?? (language === 'es' ? 24 : 12)),
  );
}

function durationWords(ms: number, language: SpokenLanguage): string {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  const units: readonly (readonly [number, string, string])[] =
    language === 'es'
      ? [
          [Math.floor(seconds / 86_400), 'día', 'días'],
          [Math.floor((seconds % 86_400) / 3600), 'hora', 'horas'],
          [Math.floor((seconds % 3600) / 60), 'minuto', 'minutos'],
          [seconds % 60, 'segundo', 'segundos'],
        ]
      : [
          [Math.floor(seconds / 86_400), 'day', 'days'],
          [Math.floor((seconds % 86_400) / 3600), 'hour', 'hours'],
          [Math.floor((seconds % 3600) / 60), 'minute', 'minutes'],
          [seconds % 60, 'second', 'seconds'],
        ];
  const one = (word: string): string => (language === 'es' && word === 'hora' ? 'una' : 'un');
  const named = units
    .filter(([count]) => count > 0)
    .map(([count, single, many]) => {
      if (count !== 1) return `${numberWords(count, language)} ${many}`;
      return `${language === 'es' ? one(single) : 'one'} ${single}`;
    });
  const [, , , [, , none] = [0, '', '']] = units;
  if (named.length === 0) return `${numberWords(0, language)} ${none}`;
  return `${ms < 0 ? `${negative(language)} ` : ''}${named.join(' ')}`;
}

const YES_NO: Readonly<Record<SpokenLanguage, readonly [string, string]>> = {
  en: ['yes', 'no'],
  es: ['sí', 'no'],
};
const TRUE_FALSE: Readonly<Record<SpokenLanguage, readonly [string, string]>> = {
  en: ['true', 'false'],
  es: ['verdadero', 'falso'],
};

function booleanAudio(
  args: Arguments,
  words: Readonly<Record<SpokenLanguage, readonly [string, string]>>,
): Value {
  return spoken(args, (language) => words[language][args.flag(0) ? 0 : 1]);
}

/** Digit by digit, with its plus sign where it has one; a SIP address is blank audio. */
function phoneAudio(args: Arguments, number: string): Value {
  const digits = number.replace(/[^0-9]/g, '');
  return spoken(args, (language) => {
    if (isSip(number) || digits === '') return '';
    const plus = language === 'es' ? 'más ' : 'plus ';
    return `${number.startsWith('+') ? plus : ''}${digitWords(digits, language)}`;
  });
}

export const AUDIO_FUNCTIONS = [
  defineFunction('ToAudioTTS', "A text spoken, in the call's language or a given one.", {
    '(text: string?): audio': (args) => speech(args.textOr(0, ''), args.scope.language),
    '(text: string?, language: string): audio': (args) =>
      speech(args.textOr(0, ''), args.text(1).toLowerCase()),
    '(text: string?, format: Format.String): audio': (args) =>
      speech(Array.from(args.textOr(0, '')).join(' '), args.scope.language),
  }),
  defineFunction('ToAudioBlank', 'Silence of so many milliseconds.', {
    '(milliseconds: integer): audio': (args) => {
      const durationMs = args.number(0);
      if (durationMs < 0 || durationMs > SILENCE_MS_MAX) return args.fail('no length of a silence');
      return audio(durationMs === 0 ? [] : [{ kind: 'silence', durationMs }]);
    },
  }),
  defineFunction('ToAudio', 'A prompt as audio.', {
    '(prompt: prompt): audio': (args) => audioOf(args.audio(0)),
  }),
  defineFunction('AudioPlaybackOptions', 'Audio that a key interrupts, or does not.', {
    '(audio: sound, bargeIn: boolean): audio': (args) =>
      audioOf({ ...args.audio(0), bargeIn: args.flag(1) }),
  }),
  defineFunction('ToAudioNumber', 'A number spoken: whole, digit by digit, or to some places.', {
    '(value: integer?): audio': (args) => numberAudio(args, false, null),
    '(value: integer?, format: Format.Number): audio': (args) => numberAudio(args, true, null),
    '(value: decimal?): audio': (args) => numberAudio(args, false, null),
    '(value: decimal?, format: Format.Number): audio': (args) => numberAudio(args, true, null),
    '(value: decimal?, places: integer): audio': (args) =>
      numberAudio(args, false, places(args, 1)),
    '(value: decimal?, format: Format.Number, places: integer): audio': (args) =>
      numberAudio(args, true, places(args, 2)),
  }),
  defineFunction('ToAudioCurrency', 'An amount of money spoken.', {
    '(value: currency?): audio': (args) => moneyAudio(args, 'full'),
    '(value: currency?, format: Format.Currency): audio': (args) => moneyAudio(args, args.text(1)),
    '(value: currency?, places: integer): audio': moneyDecimals,
  }),
  defineFunction('ToAudioDate', 'The date of a DateTime spoken, in UTC.', {
    '(value: datetime?): audio': (args) => dateAudio(args, 'longYear'),
    '(value: datetime?, format: Format.Date): audio': (args) => dateAudio(args, args.text(1)),
  }),
  defineFunction('ToAudioTime', 'The time of a DateTime spoken, in UTC.', {
    '(value: datetime?): audio': (args) => timeAudio(args, null),
    '(value: datetime?, format: Format.Time): audio': (args) =>
      timeAudio(args, args.text(1) === 'twelveHours' ? 12 : 24),
  }),
  defineFunction('ToAudioDateTime', 'The time and the date of a DateTime spoken, in UTC.', {
    '(value: datetime?): audio': (args) =>
      spoken(args, (language) => {
        const ms = args.milliseconds(0);
        const time = timeWords(ms, language, language === 'es' ? 24 : 12);
        return `${time} ${dateWords(ms, language, 'longYear')}`;
      }),
  }),
  defineFunction('ToAudioDuration', 'A Duration spoken in days, hours, minutes and seconds.', {
    '(value: duration?): audio': (args) =>
      spoken(args, (language) => durationWords(args.milliseconds(0), language)),
  }),
  defineFunction('ToAudioBool', 'A Boolean spoken as true or false, or as yes or no.', {
    '(value: boolean?): audio': (args) => booleanAudio(args, TRUE_FALSE),
    '(value: boolean?, format: Format.Bool): audio': (args) =>
      booleanAudio(args, args.text(1) === 'playYesNo' ? YES_NO : TRUE_FALSE),
  }),
  defineFunction('ToAudioPhoneNumber', 'A phone number spoken digit by digit.', {
    '(value: string?): audio': (args) => phoneAudio(args, args.textOr(0, '')),
    '(value: phonenumber?): audio': (args) => {
      const value = args.at(0);
      return phoneAudio(args, value.type === 'phonenumber' ? value.value : '');
    },
  }),
  defineFunction('FindUserPrompt', 'The prompt of a name, with or without Prompt. before it.', {
    '(name: string?): prompt': (args) =>
      args.isSet(0) ? { type: 'prompt', name: args.text(0).replace(/^Prompt\./i, '') } : NOT_SET,
  }),
];
