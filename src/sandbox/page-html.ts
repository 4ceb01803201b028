import type { PageState } from './pages.ts';
import { escapedHtml } from '../system/html.ts';
import { PAGES_PATH } from './pages.ts';

/** The sentences of a page. */
interface Words {
  readonly title: string;
  readonly intro: string;
  readonly sandbox: string;
  readonly number: string;
  readonly expiry: string;
  readonly expiryHint: string;
  readonly cvv: string;
  readonly cvvHint: string;
  readonly send: string;
  readonly doneTitle: string;
  readonly done: (last4: string) => string;
  readonly overTitle: string;
  readonly over: string;
  readonly goOn: string;
  readonly errors: Readonly<Record<string, string>>;
  readonly declined: string;
}

const ENGLISH: Words = {
  title: 'Enter your card',
  intro:
    'You are on a call with us. Enter your card here and stay on the line: the call goes on by itself.',
  sandbox: 'This is a sandbox. It takes test cards only, and nothing is charged.',
  number: 'Card number',
  expiry: 'Expiration date',
  expiryHint: 'Month and year, such as 04/30',
  cvv: 'Security code',
  cvvHint: 'Three digits on the back; American Express has four on the front',
  send: 'Save this card',
  doneTitle: 'Thank you',
  done: (last4) => `We have your card ending in ${last4}. You can close this page.`,
  overTitle: 'This page is closed',
  over: 'No card was stored. If you are on a call with us, somebody there can help you.',
  goOn: 'Continue',
  errors: {
    Invalid_Card_Number: 'That card number does not look right. Please check it.',
    Invalid_Expiry: 'Enter the month and the year, such as 04/30.',
    Expired_Card: 'That card has expired. Please use a different card.',
    Invalid_CVV: 'That security code has the wrong number of digits.',
    Unsupported_Card: 'We do not take that card here. Please use a test card.',
  },
  declined: 'The bank has declined this card. Please try a different one.',
};

const SPANISH: Words = {
  title: 'Ingrese su tarjeta',
  intro:
    'Usted está en una llamada con nosotros. Ingrese aquí su tarjeta y no cuelgue: la llamada sigue sola.',
  sandbox: 'Esto es una prueba. Solo acepta tarjetas de prueba y no se cobra nada.',
  number: 'Número de tarjeta',
  expiry: 'Fecha de vencimiento',
  expiryHint: 'Mes y año, por ejemplo 04/30',
  cvv: 'Código de seguridad',
  cvvHint: 'Tres dígitos al reverso; American Express tiene cuatro al frente',
  send: 'Guardar esta tarjeta',
  doneTitle: 'Gracias',
  done: (last4) => `Tenemos su tarjeta terminada en ${last4}. Puede cerrar esta página.`,
  overTitle: 'Esta página está cerrada',
  over: 'No se guardó ninguna tarjeta. Si está en una llamada con nosotros, alguien puede ayudarle.',
  goOn: 'Continuar',
  errors: {
    Invalid_Card_Number: 'Ese número de tarjeta no parece correcto. Por favor, revíselo.',
    Invalid_Expiry: 'Ingrese el mes y el año, por ejemplo 04/30.',
    Expired_Card: 'Esa tarjeta está vencida. Por favor, use otra tarjeta.',
    Invalid_CVV: 'Ese código de seguridad no tiene la cantidad correcta de dígitos.',
    Unsupported_Card: 'Aquí no aceptamos esa tarjeta. Por favor, use una tarjeta de prueba.',
  },
  declined: 'El banco ha rechazado esta tarjeta. Por favor, pruebe con otra.',
};

/** The field that an error is about; a decline is about the card as a whole. */
const FIELD_OF_WORD: Readonly<Record<string, Field>> = {
  Invalid_Expiry: 'expiry',
  Expired_Card: 'expiry',
  Invalid_CVV: 'cvv',
};

type Field = 'number' | 'expiry' | 'cvv';

function wordsOf(language: string): Words {
  return language.startsWith('es') ? SPANISH : ENGLISH;
}

function document(language: string, title: string, body: string): string {
  return `<!doctype html>
<html lang="${language.startsWith('es') ? 'es' : 'en'}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="stylesheet" href="${PAGES_PATH}/pay.css">
<main>
${body}
</main>
</html>
`;
}

/** What a customer sees of a page. */
export interface Shown {
  readonly language: string;
  readonly state: PageState;
  /** Of the card that was stored. */
  readonly last4: string;
  readonly returnUrl: string | null;
  /** Why the last card was not taken, or `null`. */
  readonly word: string | null;
}

/** The page as a customer sees it now. A card that was entered is never shown again. */
export function pageHtml(shown: Shown): string {
  const words = wordsOf(shown.language);
  if (shown.state === 'open') return document(shown.language, words.title, form(words, shown.word));
  const complete = shown.state === 'complete';
  const title = complete ? words.doneTitle : words.overTitle;
  const on =
    shown.returnUrl === null
      ? ''
      : `\n<p><a href="${escapedHtml(shown.returnUrl)}">${words.goOn}</a></p>`;
  const said = complete ? words.done(escapedHtml(shown.last4)) : words.over;
  return document(shown.language, title, `<h1>${title}</h1>\n<p role="status">${said}</p>${on}`);
}

function form(words: Words, word: string | null): string {
  const at = word === null ? null : (FIELD_OF_WORD[word] ?? 'number');
  const error = word === null ? null : (words.errors[word] ?? words.declined);
  const input = (field: Field, label: string, hint: string, rest: string): string => {
    const wrong = at === field && error !== null;
    const about = [hint === '' ? '' : `${field}-hint`, wrong ? 'error' : ''].filter(Boolean);
    const described = about.length === 0 ? '' : ` aria-describedby="${about.join(' ')}"`;
    const focus = at === field || (at === null && field === 'number') ? ' autofocus' : '';
    return `<div>
  <label for="${field}">${label}</label>
  ${hint === '' ? '' : `<p id="${field}-hint">${hint}</p>\n  `}<input id="${field}" name="${field}" ${rest} inputmode="numeric" required${described}${wrong ? ' aria-invalid="true"' : ''}${focus}>
</div>`;
  };
  return `<h1>${words.title}</h1>
<p>${words.intro}</p>
<p class="note">${words.sandbox}</p>
${error === null ? '' : `<p class="error" id="error" role="alert">${error}</p>\n`}<form method="post" novalidate>
${input('number', words.number, '', 'autocomplete="cc-number" maxlength="23"')}
${input('expiry', words.expiry, words.expiryHint, 'autocomplete="cc-exp" maxlength="7"')}
${input('cvv', words.cvv, words.cvvHint, 'autocomplete="cc-csc" maxlength="4"')}
<button type="submit">${words.send}</button>
</form>`;
}

export const PAGE_STYLE = `:root {
  color-scheme: light dark;
  --page: #f4f6f8; --sheet: #ffffff; --ink: #16202b; --quiet: #4c5a68; --line: #7b8997;
  --accent: #1d5fb4; --on-accent: #ffffff; --wrong: #b3261e; --wrong-back: #fdeceb;
  font: 1rem/1.5 system-ui, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10161c; --sheet: #1a232c; --ink: #eef3f7; --quiet: #b4c0cb; --line: #8796a4;
    --accent: #8ab8f5; --on-accent: #0c1a2b; --wrong: #ffb4ab; --wrong-back: #3b1d1b;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); }
main {
  max-width: 28rem; margin: 6vh auto; padding: 1.5rem; background: var(--sheet);
  border-radius: .75rem; box-shadow: 0 1px 6px rgb(0 0 0 / .2);
}
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
.note { padding-left: .75rem; border-left: .25rem solid var(--accent); color: var(--quiet); }
.error { padding: .75rem; border-radius: .375rem; background: var(--wrong-back); color: var(--wrong); }
form { display: grid; gap: 1rem; }
label { display: block; font-weight: 600; }
form p { margin: 0; color: var(--quiet); font-size: .9rem; }
input {
  width: 100%; margin-top: .25rem; padding: .65rem .75rem; border: 1px solid var(--line);
  border-radius: .375rem; background: transparent; color: inherit; font: inherit; letter-spacing: .04em;
}
input[aria-invalid] { border-color: var(--wrong); border-width: 2px; }
button {
  padding: .75rem 1rem; border: 0; border-radius: .375rem; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer;
}
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;
