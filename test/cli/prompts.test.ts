import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  BUILT_IN_PROMPTS,
  flowPrompts,
  loadFlowPrompts,
  loadPrompts,
} from '../../src/cli/prompts.ts';
import { BRANDS_SEEN } from '../../src/payment/brand.ts';
import { discloseText } from '../../src/payment/consent.ts';
import { LANGUAGES, type Language } from '../../src/payment/language.ts';
import { ERROR_CODE_LIST } from '../../src/payment/outcome.ts';
import {
  errorPrompt,
  PLAIN_PROMPTS,
  plainPrompt,
  PROMPT_VALUES,
  type PlainPrompt,
} from '../../src/payment/prompt.ts';
import { ROUTE_POLICY } from '../../src/payment/route.ts';
import { SUBSCRIPTION_STATUSES } from '../../src/payment/subscription.ts';
import { loadConfig } from '../../src/system/config.ts';
import { ConfigError } from '../../src/system/yaml-file.ts';

const prompts = loadPrompts(BUILT_IN_PROMPTS);
const config = loadConfig(null, {});

/** The values as the bridge gives them. */
const VALUES: Readonly<Record<string, string>> = {
  plan: 'Premium Monthly',
  amount: '$29.99',
  status: 'active',
  next_charge_date: 'December 23, 2026',
  card_brand: 'amex',
  card_last4: '0005',
  interval: 'every month',
  key: '1',
  confirmation_code: 'KQZT',
  support_phone: '+1 317 555 0100',
  channel: 'sms',
};

function given(prompt: PlainPrompt, over: Record<string, string> = {}): Record<string, string> {
  const names = PROMPT_VALUES[prompt] ?? [];
  return Object.fromEntries(names.map((name) => [name, over[name] ?? VALUES[name] ?? '']));
}

function sentencesOf(language: Language): string[] {
  const { plain, errors, disclosure } = prompts[language];
  const spoken = [...flowPrompts(BUILT_IN_PROMPTS, [language]).values()];
  return [...Object.values(plain), ...spoken, ...Object.values(errors).flat(), disclosure];
}

const PERSON: Record<Language, RegExp> = {
  'en-us': /connect you with|needs a person/,
  'es-us': /Le comunico con/,
};
const DECLINE: Record<Language, RegExp> = {
  'en-us': /declin|bank|refus/i,
  'es-us': /rechaz|banco|declin/i,
};
const NOT_TWICE: Record<Language, RegExp> = {
  'en-us': /not be charged twice/,
  'es-us': /no se le cobrará dos veces/i,
};
const OUR_FAULTS = [
  'processing_error',
  'gateway_timeout',
  'gateway_unavailable',
  'gateway_rejected',
  'in_doubt',
  'switched_off',
  'breaker_open',
] as const;

for (const language of LANGUAGES) {
  const table = prompts[language];

  test(`${language}: every plain prompt is filled from the values it is given`, () => {
    for (const prompt of PLAIN_PROMPTS) {
      const { promptText } = plainPrompt(table, prompt, given(prompt));
      assert.doesNotMatch(promptText, /[{}[\]]|undefined| {2}| [.,]/, prompt);
    }
  });

  test(`${language}: a value that there is none of leaves its part out`, () => {
    const none = { next_charge_date: '', card_brand: 'unknown', status: 'paused' };
    for (const prompt of PLAIN_PROMPTS) {
      const { promptText } = plainPrompt(table, prompt, given(prompt, none));
      assert.doesNotMatch(promptText, /[{}[\]]|unknown| {2}| [.,]/, prompt);
      assert.match(promptText, /[.]$/, prompt);
    }
  });

  test(`${language}: raw words of the system are spoken as words of the language`, () => {
    for (const word of [...SUBSCRIPTION_STATUSES, ...BRANDS_SEEN]) {
      assert.ok(Object.hasOwn(table.words, word), word);
    }
    const { promptText } = plainPrompt(
      table,
      'subscription_status',
      given('subscription_status', { status: 'past_due' }),
    );
    assert.doesNotMatch(promptText, /past_due/);
    const accepted = plainPrompt(table, 'card_accepted', given('card_accepted')).promptText;
    assert.match(accepted, /American Express/);
  });

  test(`${language}: every error has two or three sentences, and the last one serves the rest`, () => {
    for (const code of ERROR_CODE_LIST) {
      const sentences = table.errors[code];
      assert.ok(sentences.length === 2 || sentences.length === 3, code);
      assert.equal(new Set(sentences).size, sentences.length, code);
      assert.equal(
        errorPrompt(table, code, 9, false).promptText,
        table.errors[errorPrompt(table, code, 9, false).prompt as typeof code]?.at(-1),
      );
    }
  });

  test(`${language}: whoever is passed on to a person is told so`, () => {
    for (const code of ERROR_CODE_LIST) {
      if (ROUTE_POLICY[code].route !== 'agent') continue;
      for (const sentence of table.errors[code]) assert.match(sentence, PERSON[language], code);
    }
    for (const prompt of ['agent_transfer', 'in_doubt_agent'] as const) {
      assert.match(table.plain[prompt], PERSON[language]);
    }
  });

  test(`${language}: a fault of ours never sounds like a decline`, () => {
    for (const code of OUR_FAULTS) {
      for (const sentence of table.errors[code]) {
        assert.doesNotMatch(sentence, DECLINE[language], code);
        // The attempt before may have gone well, or have been a decline.
        if (code !== 'in_doubt') {
          assert.doesNotMatch(sentence, /again|still|otra vez|todavía|sigue/i, code);
        }
      }
    }
    for (const sentence of table.errors.card_declined) assert.match(sentence, DECLINE[language]);
  });

  test(`${language}: doubt says that we still check and that nothing is charged twice`, () => {
    const sentences = [...table.errors.in_doubt, table.plain.in_doubt_agent];
    for (const sentence of sentences) {
      assert.match(sentence, NOT_TWICE[language]);
      assert.match(sentence, /check|verific/);
    }
  });

  test(`${language}: the security code is right for American Express too`, () => {
    for (const code of ['cvv_mismatch', 'invalid_cvv'] as const) {
      const [first = ''] = table.errors[code];
      assert.match(first, /American Express/);
      assert.match(first, /four|cuatro/);
      assert.match(first, /three|tres/);
    }
  });

  test(`${language}: a caller cannot hear that a card is suspected`, () => {
    assert.deepEqual(table.errors.suspected_fraud, table.errors.card_declined);
  });

  test(`${language}: sentences are short enough for the ear, and free of jargon`, () => {
    for (const text of sentencesOf(language)) {
      assert.doesNotMatch(
        text,
        /\b(PAN|CVV|CVC|token|gateway|API|IVR|DTMF|MOTO|transaction id|error code)\b/i,
        text,
      );
      for (const sentence of text.split(/(?<=[.?])\s/)) {
        const words = sentence.split(/\s+/).length;
        assert.ok(words <= 32, `${words} words: ${sentence}`);
      }
    }
  });

  test(`${language}: the disclosure says all that has to be said before consent`, () => {
    const [plan] = config.plans;
    assert.ok(plan);
    const text = discloseText(table, plan, config.merchant, '2026-12-23');
    const english = language === 'en-us';
    const wanted = [
      config.merchant.name,
      plan.name[language],
      '$29.99',
      english ? 'US dollars' : 'dólares estadounidenses',
      english ? 'every month' : 'cada mes',
      english ? 'December 23, 2026' : '23 de diciembre de 2026',
      english ? 'until you cancel' : 'hasta que cancele',
      config.merchant.supportPhone,
      english ? 'in writing' : 'por escrito',
      english
        ? 'at least ten days before anything changes'
        : 'todo cambio al menos diez días antes',
      english
        ? 'Press 1 to agree. Any other key, or no key, means no.'
        : 'Oprima 1 para aceptar. Otra tecla o ninguna significa no.',
    ];
    const flat = text.replaceAll(/\s/g, ' ');
    for (const words of wanted) assert.ok(flat.includes(words), `${words}\n${flat}`);
  });
}

test('Spanish callers are addressed with usted', () => {
  for (const text of sentencesOf('es-us')) {
    assert.doesNotMatch(text, /\b(tu|tú|tus|tienes|puedes|ingresa|marca|oprime)\b/i);
  }
});

test('both languages have as many sentences for each error', () => {
  for (const code of ERROR_CODE_LIST) {
    assert.equal(prompts['en-us'].errors[code].length, prompts['es-us'].errors[code].length, code);
  }
});

const directory = mkdtempSync(join(tmpdir(), 'tokenline-prompts-'));
after(() => rmSync(directory, { recursive: true, force: true }));

function problemsAfter(change: (text: string) => string): string {
  cpSync(BUILT_IN_PROMPTS, directory, { recursive: true });
  const file = join(directory, 'es-us.yaml');
  const before = readFileSync(file, 'utf8');
  const text = change(before);
  assert.notEqual(text, before);
  writeFileSync(file, text);
  try {
    loadPrompts(directory);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    for (const problem of error.problems) assert.ok(problem.startsWith(file), problem);
    return error.message;
  }
  return '';
}

test('a prompt that is missing or not known is named with its file', () => {
  const text = problemsAfter((before) => before.replace('  consent_refused:', '  consent_denied:'));
  assert.match(text, /es-us\.yaml: plain\.consent_refused is missing/);
  assert.match(text, /es-us\.yaml: plain\.consent_denied is not known/);
});

test('a prompt of the flows is found by its name in Genesys, in each language', () => {
  const texts = loadFlowPrompts(BUILT_IN_PROMPTS);
  assert.match(texts('tokenline_goodbye', 'en-us') ?? '', /^Thank you.* Goodbye\.$/);
  assert.match(texts('tokenline_goodbye', 'es-us') ?? '', /^Gracias.* Hasta luego\.$/);
  assert.equal(texts('goodbye', 'en-us'), null);
  assert.equal(texts('tokenline_goodbye', 'fr-ca'), null);
});

test('a prompt of the flows that one language lacks is named with its file', () => {
  assert.match(
    problemsAfter((before) => before.replace(/ {2}goodbye: .*\n/, '')),
    /es-us\.yaml: flow\.goodbye is missing/,
  );
});

test('a name that Genesys does not take is refused', () => {
  assert.match(
    problemsAfter((before) => before.replace('  goodbye:', '  good-bye:')),
    /flow\.good-bye: use small letters, digits and _/,
  );
});

test('a value that a prompt is not given is named', () => {
  assert.match(
    problemsAfter((before) => before.replace('Gracias. Usted ha', 'Gracias, {name}. Usted ha')),
    /plain\.consent_given: \{name\} is not given to this prompt; it may use none/,
  );
  assert.match(
    problemsAfter((before) => before.replace('Esa tarjeta está', 'Esa {card_brand} está')),
    /errors\.expired_card\[0\]: \{card_brand\} is not given/,
  );
});

test('a disclosure that leaves something out is refused', () => {
  assert.match(
    problemsAfter((before) => before.replace('{first_date}', 'pronto')),
    /disclosure: has to say \{first_date\}/,
  );
  assert.match(
    problemsAfter((before) => before.replace('{currency} {interval}', '{currency} [{interval}]')),
    /disclosure: may not leave parts out/,
  );
});

test('a brace without its other half, an empty sentence and a wrong kind are named', () => {
  assert.match(
    problemsAfter((before) => before.replace('{card_last4}. Su', '{card_last4. Su')),
    /plain\.card_changed: a \{ or \} without its other half/,
  );
  assert.match(
    problemsAfter((before) => before.replace(/day: cada día/, "day: ''")),
    /intervals\.day: is empty/,
  );
  assert.match(
    problemsAfter((before) => before.replace(/ {2}years: .*\n/, '')),
    /intervals\.years is missing/,
  );
  assert.match(
    problemsAfter((before) => before.replace("version: '4'", 'version: 4')),
    /version: must be string/,
  );
  assert.match(
    problemsAfter((before) => before.replace('es-us\n', 'es-mx\n')),
    /expected es-us/,
  );
});

test('a file that is not there is named', () => {
  assert.throws(() => loadPrompts(join(directory, 'none')), /en-us\.yaml: there is no such file/);
});
