import type { WindowAnswer } from './answer.ts';

/**
 * Where Genesys sends its window back to. The code goes to the page that opened the window, and to no
 * other origin; it is worth nothing without the verifier, which that page alone has.
 */
function handOver(): void {
  const query = new URLSearchParams(location.search);
  const answer: WindowAnswer = {
    tokenline: 'signed-in',
    code: query.get('code') ?? '',
    state: query.get('state') ?? '',
  };
  history.replaceState(null, '', location.pathname);
  const opener: unknown = window.opener;
  if (opener === null) {
    const words = document.getElementById('words');
    if (words !== null) {
      words.textContent =
        'The page of the call cannot be reached from this window. Close it, and sign in from there.';
    }
    return;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an opener is a window
  (opener as Window).postMessage(answer, location.origin);
  close();
}

handOver();
