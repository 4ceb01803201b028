import type { Me } from '../../contract/staff.ts';
import { ask, Refused, tell } from './ask.ts';
import { followColours } from './colours.ts';
import { button, element } from './dom.ts';
import type { Page } from './page.ts';
import { PAGES } from './pages.ts';

/**
 * The console's one document: who is signed in stands at the top, the page that the address names below.
 */
const HOME = '/console';

function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the document has no #${id}`);
  return found;
}

function here(): string {
  return `${location.pathname}${location.search}`;
}

function showSignIn(): void {
  const signIn = (): void => location.assign(`/console/sign-in?to=${encodeURIComponent(here())}`);
  part('page').replaceChildren(
    element('div', { class: 'welcome' }, [
      element('h1', {}, ['Tokenline console']),
      element('p', {}, ['See and steer automated payments, and show what happened.']),
      button('Sign in', 'primary', signIn),
    ]),
  );
}

function showFailure(error: unknown): void {
  part('page').replaceChildren(
    element('h1', {}, ['The console cannot be shown']),
    element('p', {}, [error instanceof Error ? error.message : 'Try again.']),
    button('Try again', 'primary', () => location.reload()),
  );
}

function showPerson(me: Me): void {
  const out = button('Sign out', 'ghost', () => {
    void tell('sign-out').finally(() => location.assign(HOME));
  });
  part('person').replaceChildren(
    element('span', {}, [me.name]),
    element('span', { class: 'quiet' }, [me.roles.join(', ')]),
    out,
  );
  part('mode').textContent = me.mode === 'sandbox' ? 'Sandbox: nothing here moves money' : '';
}

/** Shows pages one after the other, and keeps the address and the menu at the one that is shown. */
function openRouter(me: Me): void {
  const allowed = PAGES.filter(({ right }) => me.rights.includes(right));
  const shown: { close: () => void } = { close: () => {} };
  const links = new Map<Page, HTMLAnchorElement>();
  for (const page of allowed) {
    links.set(page, element('a', { href: `${HOME}/${page.path}`, 'data-go': '' }, [page.title]));
  }
  part('nav').replaceChildren(...links.values());

  const show = (): void => {
    shown.close();
    shown.close = () => {};
    const [path, rest = ''] = location.pathname.slice(HOME.length + 1).split('/');
    const page = allowed.find((candidate) => candidate.path === path) ?? allowed[0];
    if (page === undefined) return;
    for (const [owner, anchor] of links) {
      if (owner === page) anchor.setAttribute('aria-current', 'page');
      else anchor.removeAttribute('aria-current');
    }
    document.title = `${page.title} · Tokenline console`;
    const root = element('div', {}, [element('h1', {}, [page.title])]);
    part('page').replaceChildren(root);
    shown.close = page.open({ root, me, rest, query: new URLSearchParams(location.search), go });
  };
  const go = (address: string): void => {
    history.pushState(null, '', address);
    show();
    part('page').focus();
  };
  addEventListener('popstate', show);
  document.addEventListener('click', (event) => {
    const { target } = event;
    const anchor = target instanceof Element ? target.closest('a[data-go]') : null;
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
    if (!(anchor instanceof HTMLAnchorElement) || !plain) return;
    event.preventDefault();
    go(`${anchor.pathname}${anchor.search}`);
  });
  show();
}

async function open(): Promise<void> {
  followColours();
  try {
    const me = await ask<Me>('me');
    showPerson(me);
    openRouter(me);
  } catch (error) {
    if (error instanceof Refused && error.status === 401) showSignIn();
    else showFailure(error);
  }
}

void open();
