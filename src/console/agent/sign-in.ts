import type { AgentSignIn } from '../../contract/agent.ts';
import { isWindowAnswer } from './answer.ts';

/** What came back from Genesys, and what proves that it was asked for here. */
export interface Proof {
  readonly code: string;
  readonly verifier: string;
}

export interface SignIn {
  /**
   * Opens Genesys' window; only in answer to a press of a button, or browsers refuse.
   *
   * @returns false where the browser did not open it.
   */
  open(): boolean;
  close(): void;
}

/**
 * Signing in with PKCE in a window of its own: in a frame, the sign-in pages of many companies do not
 * show themselves, and browsers keep their cookies away. Verifier and state stay in this page's memory;
 * they are fetched beforehand, because a browser opens a window only at once after a press.
 */
export function openSignIn(
  { url, state, verifier }: AgentSignIn,
  proved: (proof: Proof) => void,
): SignIn {
  let opened: Window | null = null;
  const hear = (event: MessageEvent<unknown>): void => {
    if (event.origin !== location.origin || event.source !== opened) return;
    if (!isWindowAnswer(event.data) || event.data.state !== state || event.data.code === '') return;
    proved({ code: event.data.code, verifier });
  };
  addEventListener('message', hear);
  return {
    open() {
      opened = window.open(url, 'tokenline-sign-in', 'popup,width=480,height=680');
      return opened !== null;
    },
    close: () => removeEventListener('message', hear),
  };
}
