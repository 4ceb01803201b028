import type { AgentCall, AgentSession, AgentSignIn } from '../../contract/agent.ts';
import { followColours } from '../desk/colours.ts';
import { Refused } from '../desk/ask.ts';
import { button, element } from '../desk/dom.ts';
import { ask, events, keepSession, tell } from './ask.ts';
import { callView } from './call-view.ts';
import { entryForm } from './entry-form.ts';
import { openSignIn, type Proof } from './sign-in.ts';

/**
 * The agent's page of one call. Genesys puts the conversation's id and the agent's language into its
 * address: /agent?interaction={{gcConversationId}}&lang={{gcLangTag}}.
 */
const query = new URLSearchParams(location.search);
const INTERACTION = query.get('interaction') ?? '';
const LANG = query.get('lang') ?? 'en-us';

/** The caller has hung up, or is somebody else's. */
const OVER = 'This call is not shown any more';

/** Before the stream is asked for again. */
const AGAIN_MS = 3_000;

function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the document has no #${id}`);
  return found;
}

function say(words: string): void {
  if (part('heard').textContent !== words) part('heard').textContent = words;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Try again.';
}

function show(...content: Node[]): void {
  part('page').replaceChildren(...content);
}

function isSignedOut(error: unknown): boolean {
  return error instanceof Refused && error.code === 'signed_out';
}

function showProblem(title: string, error: unknown): void {
  say('');
  show(
    element('div', { class: 'card' }, [
      element('h1', {}, [title]),
      element('p', { role: 'alert' }, [messageOf(error)]),
      button('Try again', 'primary', () => void open()),
    ]),
  );
}

async function showSignIn(): Promise<void> {
  say('');
  const begun = await ask<AgentSignIn>('sign-in');
  const problem = element('p', { class: 'problem', role: 'alert' });
  const proved = ({ code, verifier }: Proof): void => {
    signIn.close();
    tell<AgentSession>('sign-in', { interaction_id: INTERACTION, code, verifier })
      .then(showCall)
      .catch((error: unknown) => showProblem('You are not at this call', error));
  };
  const signIn = openSignIn(begun, proved);
  const press = (): void => {
    if (signIn.open()) return;
    problem.textContent = 'Your browser did not open the window: allow this page to open windows.';
  };
  show(
    element('div', { class: 'card' }, [
      element('h1', {}, ['This call']),
      element('p', {}, ['Sign in once, and every call of yours opens by itself.']),
      button('Sign in with Genesys', 'primary', press),
      problem,
    ]),
  );
}

function showPerson(name: string): void {
  const out = button('Sign out', 'ghost', () => {
    void tell('sign-out').finally(() => location.reload());
  });
  part('person').replaceChildren(element('span', { class: 'unseen' }, [name]), out);
}

/** Waits, and lets it be seen. A page has no clock of its own here; what blinks has an end. */
async function waitSeen(): Promise<void> {
  const blink = [{ opacity: 1 }, { opacity: 0.4 }, { opacity: 1 }];
  await part('heard').animate(blink, { duration: AGAIN_MS }).finished;
}

/** Shows the call as it is, and as it becomes. Ends where the session does. */
async function follow(picture: (call: AgentCall) => void): Promise<void> {
  for (;;) {
    try {
      for await (const { name, data } of events(`call/events?lang=${encodeURIComponent(LANG)}`)) {
        if (name === 'signed_out') return;
        if (name !== 'message') continue;
        say('Live');
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both sides share the contract
        picture(JSON.parse(data) as AgentCall);
      }
    } catch (error) {
      if (error instanceof Refused && error.status < 429) throw error;
    }
    say('Not heard, trying again …');
    await waitSeen();
  }
}

async function showCall(opened: AgentSession): Promise<void> {
  keepSession(opened);
  showPerson(opened.agent);
  say('Listening …');
  const [view, form] = [callView(), entryForm()];
  form.root.hidden = true;
  show(view.top, form.root, view.below);
  try {
    await follow((call) => {
      view.show(call);
      form.show(call);
    });
    await open(OVER);
  } catch (error) {
    if (isSignedOut(error)) await open(OVER);
    else showProblem(OVER, error);
  }
}

/** Opens the call by what the browser knows of the agent, and asks them to sign in where it knows nothing. */
async function open(refused = 'You are not at this call'): Promise<void> {
  if (INTERACTION === '' || INTERACTION.startsWith('{{')) {
    showProblem(
      'Which call?',
      new Error('The address of this page has to end in ?interaction={{gcConversationId}}.'),
    );
    return;
  }
  try {
    const opened = await tell<AgentSession>('open', { interaction_id: INTERACTION });
    await showCall(opened);
  } catch (error) {
    if (!isSignedOut(error)) {
      showProblem(refused, error);
      return;
    }
    await showSignIn().catch((problem: unknown) => showProblem('Nobody answers', problem));
  }
}

followColours();
void open();
