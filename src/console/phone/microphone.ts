/** What the browser's recogniser gives, as far as it is used. */
interface Recogniser {
  lang: string;
  onresult:
    | ((event: { readonly results: ArrayLike<ArrayLike<{ readonly transcript: string }>> }) => void)
    | null;
  /** Comes after an error, too. */
  onend: (() => void) | null;
  start(): void;
  abort(): void;
}

interface Ears {
  /** Not in secure mode: a recogniser may be on somebody else's machine. */
  allowed(): boolean;
  said(text: string): void;
}

function recogniserOf(): (new () => Recogniser) | null {
  const found: unknown = Reflect.get(globalThis, 'SpeechRecognition');
  const older: unknown = Reflect.get(globalThis, 'webkitSpeechRecognition');
  const usable = typeof found === 'function' ? found : older;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- W3C Web Speech API
  return typeof usable === 'function' ? (usable as new () => Recogniser) : null;
}

/**
 * Shows the button where the browser can recognise speech; nothing listens until it is pressed.
 *
 * @returns what stops it.
 */
export function offerMicrophone(button: HTMLButtonElement, ears: Ears): () => void {
  const Recognition = recogniserOf();
  if (Recognition === null) return () => undefined;
  button.hidden = false;
  let listening: Recogniser | null = null;
  const end = (): void => {
    listening = null;
    button.ariaPressed = 'false';
  };
  button.addEventListener('click', () => {
    if (listening !== null) return listening.abort();
    if (!ears.allowed()) return;
    const recogniser = new Recognition();
    recogniser.lang = document.getElementById('transcript')?.lang || 'en-US';
    recogniser.onresult = ({ results }) => {
      const text = results[0]?.[0]?.transcript ?? '';
      if (ears.allowed()) ears.said(text);
    };
    recogniser.onend = end;
    listening = recogniser;
    button.ariaPressed = 'true';
    recogniser.start();
  });
  return () => listening?.abort();
}
